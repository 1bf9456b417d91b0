import ArgumentParser
import CLibrary

/// Which files an installation consists of, and where they go below a prefix.
struct InstallLayout {
    /// One file of the installation.
    struct Item {
        /// Where it comes from, or what it says.
        enum Content {
            case copy(of: String)
            case text(String)
        }

        let content: Content
        /// The absolute path as the installed system sees it, without DESTDIR.
        let path: String
        /// The permission bits.
        let mode: mode_t
    }

    /// The path of an installed module, for examples in help texts.
    static let examplePath = "/usr/\(libraryFolders[0])/pkcs11/\(moduleName)"

    /// The module's name where it is installed.
    static let moduleName = "martlet-pkcs11.so"

    /// The folders below a prefix that may hold libraries, this system's own first.
    static let libraryFolders = LibraryFolder.system == "lib" ? ["lib"] : [LibraryFolder.system, "lib"]

    let prefix: String

    /// - Parameter prefix: an absolute path, without a slash at its end unless it is the root.
    init(prefix: String) throws(CommandFailure) {
        guard prefix.hasPrefix("/") else {
            throw CommandFailure(
                "the prefix \(prefix) is not an absolute path", hint: "name one such as /usr/local", .usage)
        }
        let components = prefix.split(separator: "/")
        guard !components.contains("..") else {
            throw CommandFailure("the prefix \(prefix) has a ..", hint: "name the folder itself", .usage)
        }
        self.prefix = components.map { "/" + $0 }.joined()
    }

    var modulePath: String { "\(prefix)/\(Self.libraryFolders[0])/pkcs11/\(Self.moduleName)" }

    /// p11-kit reads its own prefix's folder and the system's; below another prefix it would not look.
    var registrationPath: String {
        (prefix == "/usr" ? "/usr/share/p11-kit" : "/etc/pkcs11") + "/modules/martlet.module"
    }

    /// udev reads the rules below /usr/lib, /usr/local/lib and /etc.
    var rulesPath: String {
        (["/usr", "/usr/local"].contains(prefix) ? prefix + "/lib" : "/etc") + "/udev/rules.d/70-martlet.rules"
    }

    var programPaths: [String] { Self.programs.map { "\(prefix)/bin/\($0)" } }

    /// Where manual pages go.
    var manualPaths: [String] { Self.programs.map { "\(prefix)/share/man/man1/\($0).1" } }

    /// Where a shell looks for completions: Debian's zsh has a folder of its own for packages.
    private func completionPath(_ program: String, _ shell: CompletionShell) -> String {
        switch shell {
        case .zsh:
            let folder = prefix == "/usr" ? "zsh/vendor-completions" : "zsh/site-functions"
            return "\(prefix)/share/\(folder)/_\(program)"
        case .fish: return "\(prefix)/share/fish/vendor_completions.d/\(program).fish"
        default: return "\(prefix)/share/bash-completion/completions/\(program)"
        }
    }

    var completionPaths: [String] {
        Self.programs.flatMap { program in Self.shells.map { completionPath(program, $0) } }
    }

    private static let shells: [CompletionShell] = [.bash, .zsh, .fish]

    /// Where all files go, in the order in which they are written: what names another file comes after it.
    var paths: [String] { [modulePath] + programPaths + manualPaths + completionPaths + [rulesPath, registrationPath] }

    /// The files of the installation, from a build's products and the sources that it was built from.
    func items() throws(CommandFailure) -> [Item] {
        #if DEBUG
            // A debug build needs the toolchain's libraries beside it.
            throw CommandFailure(
                "this is a debug build", hint: "install one made with 'swift build \(Companions.releaseFlags)'",
                .usage)
        #else
            return try releaseItems()
        #endif
    }

    private func releaseItems() throws(CommandFailure) -> [Item] {
        let module = try Companions.module(named: nil)
        var items = [Item(content: .copy(of: module), path: modulePath, mode: 0o644)]
        for (name, path) in zip(Self.programs, programPaths) {
            let program = Companions.folder + "/" + name
            guard access(program, R_OK) == 0 else {
                throw CommandFailure(
                    "there is no \(program)", hint: Companions.reinstallCommand ?? Companions.reinstallAdvice,
                    .unavailable)
            }
            items.append(Item(content: .copy(of: program), path: path, mode: 0o755))
        }
        items += try helpItems()
        items.append(Item(content: .copy(of: try Self.rulesSource()), path: rulesPath, mode: 0o644))
        items.append(
            Item(content: .text("# Martlet: PIV cards\nmodule: \(modulePath)\n"), path: registrationPath, mode: 0o644))
        return items
    }

    /// Manual pages and completions, which the programs make themselves.
    private func helpItems() throws(CommandFailure) -> [Item] {
        var items: [Item] = []
        for (name, path) in zip(Self.programs, manualPaths) {
            let page = try Manual.page(of: name == "martlet" ? nil : Companions.folder + "/" + name)
            items.append(Item(content: .text(page), path: path, mode: 0o644))
        }
        for name in Self.programs {
            for shell in Self.shells {
                let script = try Self.completionScript(name, shell)
                items.append(Item(content: .text(script), path: completionPath(name, shell), mode: 0o644))
            }
        }
        return items
    }

    private static func completionScript(_ name: String, _ shell: CompletionShell) throws(CommandFailure) -> String {
        guard name != "martlet" else { return Martlet.completionScript(for: shell) }
        let program = Companions.folder + "/" + name
        let child = Command.open([program, "--generate-completion-script", shell.rawValue])
        guard let script = child.flatMap({ $0.result(withinSeconds: 20) }) else {
            throw CommandFailure(
                "\(program) makes no completions", hint: Companions.reinstallCommand ?? Companions.reinstallAdvice)
        }
        return String(decoding: script, as: UTF8.self)
    }

    private static let programs = ["martlet", "martlet-card"]

    /// The udev rules in the sources: above the folder of the build's products.
    private static func rulesSource() throws(CommandFailure) -> String {
        var folder = Companions.folder
        while folder != "/" {
            let candidate = folder + "/udev/70-martlet.rules"
            if access(candidate, R_OK) == 0 { return candidate }
            folder = Companions.parent(of: folder)
        }
        throw CommandFailure(
            "there are no udev rules above \(Companions.folder)",
            hint: "run the martlet of a clone that was built: .build/release/martlet install", .unavailable)
    }
}

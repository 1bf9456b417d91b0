import CLibrary

/// The files that belong to this program: beside it where it was built, below the same prefix where it is installed.
enum Companions {
    /// The absolute path of this program's own file, links resolved.
    static let executable: String = realPath("/proc/self/exe") ?? "/"

    /// The folder of this program's file, without a slash at its end.
    static var folder: String { parent(of: executable) }

    /// The module: the one that was named, or the one that belongs to this program.
    static func module(named path: String?) throws(CommandFailure) -> String {
        if let path {
            guard let found = realPath(path) else {
                throw CommandFailure("there is no file \(path)", hint: "name an existing module", .unavailable)
            }
            return found
        }
        let beside = folder + "/" + builtModuleName
        let prefix = parent(of: folder)
        let installed = InstallLayout.libraryFolders.map { "\(prefix)/\($0)/pkcs11/\(InstallLayout.moduleName)" }
        for path in [beside] + installed where access(path, R_OK) == 0 { return path }
        throw CommandFailure(
            "the module that belongs to this program is missing: there is no \(isBuilt ? beside : installed[0])",
            hint: reinstallCommand ?? reinstallAdvice, .unavailable)
    }

    /// Whether this program lies where it was built, and not where it was installed.
    static var isBuilt: Bool { sources != nil }

    /// The clone that this program was built in: the folder above its own that holds the package.
    private static var sources: String? {
        var folder = folder
        while folder != "/" {
            if access(folder + "/Package.swift", R_OK) == 0 { return folder }
            folder = parent(of: folder)
        }
        return nil
    }

    /// What the README builds with.
    static let releaseFlags = "-c release --static-swift-stdlib --disable-local-rpath"

    /// The line that puts module and programs anew where they were; nil where nothing here can.
    static var reinstallCommand: String? {
        if let sources {
            return "swift build --package-path \(sources.shellWord) \(releaseFlags)"
        }
        return debianPackage.map { "sudo apt-get install -y --reinstall \($0)" }
    }

    /// What a person does where no line helps.
    static let reinstallAdvice =
        "install Martlet again from the clone that it was built in, with the same --prefix, or name a module with --module"

    /// The packages that this program and its module came with, as dpkg knows them.
    private static var debianPackage: String? {
        let lists = "/var/lib/dpkg/info"
        let packages = FileTree.names(in: lists).filter { $0.hasSuffix(".list") && $0.contains("martlet") }
        let owners = packages.filter { FileTree.text(of: "\(lists)/\($0)")?.contains(executable + "\n") ?? false }
        guard !owners.isEmpty else { return nil }
        // A name may have an architecture behind a colon.
        return packages.map { String($0.dropLast(5).prefix { $0 != ":" }) }.joined(separator: " ")
    }

    /// The program that serves the virtual card.
    static func virtualCard() throws(CommandFailure) -> String {
        let path = folder + "/martlet-card"
        guard access(path, X_OK) == 0 else {
            throw CommandFailure(
                "the program of the virtual card is missing: there is no \(path)",
                hint: reinstallCommand ?? reinstallAdvice, .unavailable)
        }
        return path
    }

    /// What the compiler names the module's file.
    static let builtModuleName = "libmartlet-pkcs11.so"

    /// The path without its last component; "/" at the root.
    static func parent(of path: String) -> String {
        let head = path.split(separator: "/").dropLast().joined(separator: "/")
        return "/" + head
    }

    /// The absolute path with all links resolved; nil where there is no such file.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

import ArgumentParser
import CLibrary

/// What install and uninstall have in common.
struct InstallOptions: ParsableArguments {
    @Option(help: "The folder that the installation goes below.")
    var prefix = "/usr/local"

    /// The folder that stands for the root of the installed system, for who makes a package (DESTDIR).
    var destination: String {
        get throws(CommandFailure) {
            guard let value = getenv("DESTDIR"), value.pointee != 0 else { return "" }
            let folder = String(cString: value)
            guard folder.hasPrefix("/") else {
                throw CommandFailure("DESTDIR is not an absolute path", hint: "give it one, or unset it", .usage)
            }
            return folder
        }
    }
}

/// Puts the module where programs find it.
struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Install the module, its registration with p11-kit, the udev rules, the programs and their manual pages.",
        discussion: """
            The module goes to PREFIX/lib/MULTIARCH/pkcs11, where ssh-agent allows it when PREFIX is /usr or \
            /usr/local. The registration with p11-kit goes to /usr/share/p11-kit/modules for the prefix /usr, else to \
            /etc/pkcs11/modules, for p11-kit looks nowhere else. The udev rules go to PREFIX/lib/udev/rules.d, or \
            /etc/udev/rules.d for another prefix. Manual pages and completions for bash, zsh and fish go below PREFIX/share. All \
            paths are below DESTDIR where that is set.

            Example: sudo .build/release/martlet install --prefix /usr
            """)

    @OptionGroup var options: InstallOptions

    func run() throws {
        let layout = try InstallLayout(prefix: options.prefix)
        let destination = try options.destination
        if destination.isEmpty { try PackageDatabase.refuse(layout.paths) }
        for item in try layout.items() {
            let path = destination + item.path
            try FileWriter.put(item.content, at: path, mode: item.mode)
            print(path)
        }
        if destination.isEmpty {
            print("For readers that are plugged in already: udevadm control --reload && udevadm trigger")
            for finding in RegistrationCheck.others(beside: layout.modulePath) {
                print("But \(finding.text), which makes URIs ambiguous and costs time. This ends it:")
                print(finding.remedy ?? "")
            }
        }
    }
}

/// Takes away what install put there.
struct Uninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove what 'martlet install' with the same prefix has installed.",
        discussion: """
            DESTDIR is honoured. Folders stay, and files that were not installed are left alone.

            Example: sudo martlet uninstall --prefix /usr
            """)

    @OptionGroup var options: InstallOptions

    func run() throws {
        let layout = try InstallLayout(prefix: options.prefix)
        let destination = try options.destination
        if destination.isEmpty { try PackageDatabase.refuse(layout.paths) }
        var isFound = false
        // The registration goes first: no program is to be sent to a module that is gone.
        for path in layout.paths.reversed() {
            guard try FileWriter.remove(destination + path) else { continue }
            print(destination + path)
            isFound = true
        }
        guard isFound else {
            throw CommandFailure(
                "nothing is installed below \(destination + layout.prefix)",
                hint: "name the prefix that it was installed with", .unavailable)
        }
    }
}

import Glibc

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
            "the module is not built: there is no \(beside)",
            hint: "build it with 'swift build -c release --static-swift-stdlib', or name one with --module",
            .unavailable)
    }

    /// The program that serves the virtual card.
    static func virtualCard() throws(CommandFailure) -> String {
        let path = folder + "/martlet-card"
        guard access(path, X_OK) == 0 else {
            throw CommandFailure(
                "the program of the virtual card is not built: there is no \(path)",
                hint: "build it with 'swift build -c release --static-swift-stdlib'", .unavailable)
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

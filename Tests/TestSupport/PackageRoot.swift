import CLibrary

/// Where this package and its built programs lie on this machine.
public enum PackageRoot {
    /// The absolute path of the folder that holds `Package.swift`, without a slash at its end.
    public static let path = #filePath.removingPathComponents(3)

    /// The folder of the pages for people.
    public static let catalogue = path + "/Sources/PKCS11Module/Martlet.docc"

    /// The folder of the programs that `swift test` built, such as `.build/debug`: the one the test bundle lies in.
    public static let products: String = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? executable
        return bundle.removingPathComponents(1)
    }()

    /// The path of a program of this package, built together with the tests.
    /// - Throws: `ToolFailure` if the build has not made it.
    public static func program(_ name: String) throws -> String {
        let path = products + "/" + name
        guard access(path, X_OK) == 0 else {
            throw ToolFailure("\(path) is not there: build it with 'swift build --product \(name)'")
        }
        return path
    }

    private static var executable: String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension String {
    /// This path without its last `count` components.
    func removingPathComponents(_ count: Int) -> String {
        split(separator: "/", omittingEmptySubsequences: false).dropLast(count).joined(separator: "/")
    }
}

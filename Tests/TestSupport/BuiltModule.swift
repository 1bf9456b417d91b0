import Glibc

/// The module as a user builds it: in release, self-contained, one file.
public enum BuiltModule {
    /// The path of the module.
    ///
    /// The environment variable MARTLET_MODULE names one that is already built. Otherwise it is built here, once per
    /// test run, in a scratch folder of its own, for SwiftPM holds a lock on the one that the tests run from.
    /// - Throws: `ToolFailure` with the compiler's messages if it cannot be built.
    public static func path() throws -> String { try built.get() }

    private static let built = Result { () throws(ToolFailure) in
        if let given = Tool.inheritedEnvironment["MARTLET_MODULE"] { return given }
        do {
            return try build()
        } catch {
            throw ToolFailure("\(error)")
        }
    }

    private static func build() throws -> String {
        let scratch = PackageRoot.path + "/.build-release"
        try Tool.run(
            [
                "swift", "build", "--package-path", PackageRoot.path, "--scratch-path", scratch,
                "--configuration", "release", "--product", "martlet-pkcs11",
            ],
            environment: Tool.inheritedEnvironment, timeout: 1200
        ).checked()
        return scratch + "/release/libmartlet-pkcs11.so"
    }
}

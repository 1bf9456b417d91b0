import CLibrary

/// The module as a user builds it: in release, self-contained, one file.
public enum BuiltModule {
    /// The path of the module. The environment variable MARTLET_MODULE names one that is already built.
    /// - Throws: `ToolFailure` with the compiler's messages if it cannot be built.
    public static func path() throws -> String {
        if let given = Tool.inheritedEnvironment["MARTLET_MODULE"] { return given }
        return try BuiltProducts.folder() + "/libmartlet-pkcs11.so"
    }
}

/// Everything that a user builds, in release.
public enum BuiltProducts {
    /// The folder with the module and the programs. They are built here, once per test run, in a scratch folder of
    /// their own, for SwiftPM holds a lock on the one that the tests run from.
    /// - Throws: `ToolFailure` with the compiler's messages if they cannot be built.
    public static func folder() throws -> String { try built.get() }

    private static let built = Result {
        let scratch = PackageRoot.path + "/.build-release"
        try Tool.run(
            [
                "swift", "build", "--package-path", PackageRoot.path, "--scratch-path", scratch,
                "--configuration", "release", "--static-swift-stdlib", "--disable-local-rpath",
            ],
            environment: Tool.inheritedEnvironment, timeout: 1200
        ).checked()
        return scratch + "/release"
    }
}

import TestSupport

/// OpenSSL's own program, which uses the module through libp11's engine `pkcs11`.
struct OpenSSLEngine: OpenSSLWithCard {
    let world: CardWorld
    let module: String
    let keyForm = ["-keyform", "engine"]

    static let missing = Tool.missing(
        file: SystemLibraries.folder + "/engines-3/pkcs11.so", package: "libengine-pkcs11-openssl")

    func run(_ command: String, _ arguments: [String], input: [UInt8]) throws -> ToolResult {
        try world.run(
            ["openssl", command, "-engine", "pkcs11"] + arguments, environment: environment, input: input)
    }

    func start(_ command: String, _ arguments: [String], log: String) throws {
        _ = try world.startInBackground(
            ["openssl", command, "-engine", "pkcs11"] + arguments, environment: environment, log: log)
    }

    /// libp11 asks a terminal for the PIN of a key that wants it for each use, so that is taken from the login.
    private var environment: [String: String] {
        Workbench.environment.merging(["PKCS11_MODULE_PATH": module]) { $1 }
    }
}

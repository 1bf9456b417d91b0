import TestSupport

/// OpenSSL's own program, which uses the module through latchset's `pkcs11-provider`.
struct OpenSSLProvider: OpenSSLWithCard {
    let world: CardWorld
    let keyForm: [String] = []
    let environment: [String: String]

    /// Debian 12 has none.
    static let missing = Tool.missing(
        file: SystemLibraries.folder + "/ossl-modules/pkcs11.so", package: "pkcs11-provider, from Debian 13 on")

    /// With a configuration that a person would write. The keys' URIs have the PIN too; but version 1.0 asks a terminal for
    /// that of a key that wants it for each use, unless the configuration has it.
    init(world: CardWorld, module: String) throws {
        self.world = world
        let configuration = try world.home.write(
            """
            openssl_conf = openssl_init
            [openssl_init]
            providers = provider_sect
            [provider_sect]
            default = default_sect
            pkcs11 = pkcs11_sect
            [default_sect]
            activate = 1
            [pkcs11_sect]
            pkcs11-module-path = \(module)
            pkcs11-module-token-pin = \(SimulatedCard.pin)
            activate = 1

            """, to: "provider.cnf")
        environment = ["OPENSSL_CONF": configuration]
    }

    func run(_ command: String, _ arguments: [String], input: [UInt8]) throws -> ToolResult {
        try world.run(["openssl", command] + arguments, environment: environment, input: input)
    }

    func start(_ command: String, _ arguments: [String], log: String) throws {
        _ = try world.startInBackground(["openssl", command] + arguments, environment: environment, log: log)
    }
}

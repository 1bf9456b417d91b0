import TestSupport

/// The programs of a Java development kit, with a token as their key store.
struct JavaTools {
    let world: CardWorld
    /// The file that configures SunPKCS11.
    let configuration: String

    static let missing = Tool.missing("jarsigner", package: "openjdk-17-jdk-headless")

    init(world: CardWorld, module: String, token: String) throws {
        self.world = world
        let slot = try PKCS11Tool(world: world, module: module).slot(ofToken: token)
        configuration = try world.home.write(
            """
            name = Martlet
            library = \(module)
            slot = \(slot)
            attributes(*, CKO_SECRET_KEY, CKK_GENERIC_SECRET) = { CKA_SENSITIVE = false CKA_EXTRACTABLE = true }
            """, to: "java.cfg")
    }

    /// Runs a program of Java's that takes a key store.
    func run(_ program: String, _ arguments: String...) throws -> ToolResult {
        try start(
            [program, "-J-XX:TieredStopAtLevel=1", "-keystore", "NONE", "-storetype", "PKCS11"]
                + ["-storepass", SimulatedCard.pin, "-providerClass", "sun.security.pkcs11.SunPKCS11"]
                + ["-providerArg", configuration] + arguments)
    }

    /// Compiles and runs a source file of `Drivers`, with the configuration, the PIN and these arguments, and these
    /// lines of input.
    func run(driver: String, _ arguments: String..., input: [String] = []) throws -> ToolResult {
        let file = PackageRoot.path + "/Tests/ModuleTests/Drivers/" + driver
        return try start(
            ["java", "-XX:TieredStopAtLevel=1", file, configuration, SimulatedCard.pin] + arguments,
            input: Array((input + [""]).joined(separator: "\n").utf8))
    }

    /// Java knows no login for one use of a key.
    private func start(_ command: [String], input: [UInt8] = []) throws -> ToolResult {
        try world.run(command, environment: Workbench.environment, input: input)
    }
}

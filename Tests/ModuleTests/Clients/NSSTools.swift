import TestSupport

/// The programs of NSS, with a database that has the module in it.
struct NSSTools {
    let world: CardWorld
    let database: String
    let pinFile: String

    static let missing = Tool.missing("cmsutil", package: "libnss3-tools")

    init(world: CardWorld, module: String) throws {
        self.world = world
        let folder = world.home.newFile("nss")
        database = "sql:" + folder
        pinFile = try world.home.write(SimulatedCard.pin + "\n", to: "pin")
        try world.run("mkdir", folder).checked()
        try world.run("certutil", "-N", "-d", database, "--empty-password").checked()
        try world.run("modutil", "-dbdir", database, "-force", "-add", "Martlet", "-libfile", module).checked()
    }

    /// Runs a program that takes the database and the PIN as most of them do.
    func run(_ program: String, _ arguments: String...) throws -> ToolResult {
        try world.run([program, "-d", database, "-f", pinFile] + arguments)
    }

    /// Lets a certificate, as `TOKEN:LABEL`, be good without an authority.
    func trust(_ certificate: String) throws { try run("certutil", "-M", "-n", certificate, "-t", "P,P,P").checked() }

    /// Runs poppler's `pdfsig` on the database. It knows no login for one use of a key.
    func pdfsig(_ arguments: String...) throws -> ToolResult {
        try world.run(
            ["pdfsig", "-nssdir", database, "-nss-pwd", SimulatedCard.pin] + arguments,
            environment: Workbench.environment)
    }
}

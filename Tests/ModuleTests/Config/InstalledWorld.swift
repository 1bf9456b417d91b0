import CLibrary
import Foundation
import TestSupport

/// A world in which the module is installed as `martlet install --prefix /usr` leaves it, with a card in its reader and a
/// person who has no file yet. What programs write below `/etc` and `/var/log` stays in it.
struct InstalledWorld {
    let world: CardWorld

    /// The installed module.
    static let module = "\(SystemLibraries.folder)/pkcs11/martlet-pkcs11.so"

    init(_ card: SimulatedCard) throws {
        world = try CardWorld(card)
        for folder in ["\(SystemLibraries.folder)/pkcs11", "/usr/share/p11-kit/modules", "/etc"] {
            try world.copySystemFolder(folder)
        }
        try world.run("mount", "-t", "tmpfs", "tmpfs", "/var/log").checked()
        // Another module of the same cards is another test's.
        try world.run("rm", "-f", "/usr/share/p11-kit/modules/opensc-pkcs11.module").checked()
        try world.run("install", "-m", "644", BuiltModule.path(), Self.module).checked()
        try world.writeSystemFile("module: \(Self.module)\n", to: "/usr/share/p11-kit/modules/martlet.module")
    }

    /// Runs a script of `Drivers/Config` with the lines of `martlet config`, at a terminal where a person gives the PIN.
    /// - Parameters:
    ///   - options: more arguments of `martlet config`.
    ///   - variables: what the script is told.
    ///   - prompts: what the terminal shows before each time that the PIN is typed.
    func run(
        _ script: String, _ program: String, options: [String] = [], variables: [String: String] = [:],
        prompts: [String]
    ) throws -> ToolResult {
        let user = getuid() == 0 ? "" : String(getuid()), group = getuid() == 0 ? "" : String(getgid())
        let environment = [
            "HOME": world.home.file("jane"), "MODULE": Self.module, "USER_ID": user, "GROUP_ID": group,
            "PATH": PackageRoot.products + ":" + (Tool.cleanEnvironment["PATH"] ?? ""), "KEY": "9a",
        ].merging(variables) { $1 }
        let file = PackageRoot.path + "/Tests/ModuleTests/Drivers/Config/\(script).sh"
        return try world.run(
            ["env"] + environment.map { "\($0.key)=\($0.value)" } + ["sh", file, program] + options,
            typing: prompts.map { ($0, SimulatedCard.pin) })
    }
}

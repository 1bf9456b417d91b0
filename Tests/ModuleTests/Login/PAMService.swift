import Foundation
import TestSupport

/// A PAM service of a world's own, and `pamtester` that uses it as `login` would, for a person whose home is the
/// world's.
struct PAMService {
    let world: CardWorld

    static let person = "jane"
    static let missing = Tool.missing("pamtester", package: "pamtester")
    private static let name = "martlet"

    /// A service that lets in whom one PAM module lets in.
    /// - Parameter module: the PAM module and its arguments.
    init(_ world: CardWorld, module: String) throws {
        self.world = world
        try FileManager.default.createDirectory(atPath: world.home.file("pam.d"), withIntermediateDirectories: true)
        try world.home.write("auth required \(module)\n", to: "pam.d/" + Self.name)
        try world.mount(world.home.file("pam.d"), over: "/etc/pam.d")
        let person = "\(Self.person):x:\(getuid()):\(getgid())::\(world.home.path):/bin/sh\n"
        try world.mount(world.home.write(person, to: "passwd", mode: 0o644), over: "/etc/passwd")
    }

    /// Tries to let the person in with a PIN.
    func logIn(pin: String = SimulatedCard.pin) throws -> ToolResult {
        try world.run(["pamtester", Self.name, Self.person, "authenticate"], input: Array((pin + "\n").utf8))
    }
}

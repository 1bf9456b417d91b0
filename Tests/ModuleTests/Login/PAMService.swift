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
        try world.copySystemFolder("/etc")
        try world.writeSystemFile("auth required \(module)\n", to: "/etc/pam.d/" + Self.name)
        let person = "\(Self.person):x:\(getuid()):\(getgid())::\(world.home.path):/bin/sh\n"
        try world.writeSystemFile(person, to: "/etc/passwd")
    }

    /// Tries to let the person in with a PIN.
    func logIn(pin: String = SimulatedCard.pin) throws -> ToolResult {
        try world.run(["pamtester", Self.name, Self.person, "authenticate"], input: Array((pin + "\n").utf8))
    }
}

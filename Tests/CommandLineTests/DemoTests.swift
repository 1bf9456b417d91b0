import TestSupport
import Testing

/// `martlet demo`, as the README's first command runs it.
@Suite struct DemoTests {
    @Test func aVirtualCardIsShown() throws {
        let program = try BuiltProducts.folder() + "/martlet"
        let answer = try Tool.run([program, "demo", "--virtual"], environment: Tool.cleanEnvironment).checked().text
        for expected in [
            "Reader\n  Martlet virtual reader 00 00", "PIV AUTH pubkey", "no wrong PIN told of", "Logged in.",
            "each time",
            "One handle, every session",
            "ssh-keygen -D ", "Host *\n    PKCS11Provider ",
        ] {
            #expect(answer.contains(expected), "\(expected) in \(answer)")
        }
        #expect(answer.matches(of: /✓ good/).count == 4)
        #expect(!answer.contains("\u{1B}"))
    }
}

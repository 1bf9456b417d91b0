import Foundation
import TestSupport
import Testing

/// Values of settings that nobody knows: told by the doctor, by `config settings` and by the log, and counted as the
/// strictest.
@Suite struct SettingsValueTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let variable: String
        let value: String
        let name: String
        var testDescription: String { "\(variable)=\(value)" }

        init(_ variable: String, _ value: String, _ name: String) {
            (self.variable, self.value, self.name) = (variable, value, name)
        }
    }

    static let unknown = [
        Case("MARTLET_EACH_USE", "sometimes", "each-use"), Case("MARTLET_EACH_USE", "login ", "each-use"),
        Case("MARTLET_PIN_CACHE", "abc", "pin-cache"), Case("MARTLET_PIN_CACHE", "-5", "pin-cache"),
        Case("MARTLET_PIN_CACHE", "+5", "pin-cache"), Case("MARTLET_PIN_CACHE", "0", "pin-cache"),
        Case("MARTLET_PIN_CACHE", "99999999999999999999", "pin-cache"), Case("MARTLET_VERIFY", "yes", "verify"),
        Case("MARTLET_IDENTITY", "OpenSC", "identity"), Case("MARTLET_APPLICATIONS", "piv,gpg", "applications"),
    ]

    private static let martlet = Result { try MartletCommand(SimulatedCard(keys: ["9a=p256"])) }

    @Test(arguments: unknown) func told(_ unknown: Case) throws {
        let martlet = try Self.martlet.get()
        let environment = [unknown.variable: unknown.value]
        let said = "\(unknown.variable) has no value '\(unknown.value)'"
        let doctor = try martlet.run(["doctor"], environment: environment)
        #expect(doctor.ending == .exited(1), "\(doctor)")
        #expect(doctor.text.contains("✗ " + said), "\(doctor)")
        #expect(doctor.text.contains("unset \(unknown.variable)"), "\(doctor)")
        let settings = try martlet.run(["config", "settings"], environment: environment).checked().text
        #expect(settings.contains("# error: " + said), "\(settings)")
        #expect(!settings.split(separator: "\n").contains { $0.hasPrefix(unknown.name + " = ") }, "\(settings)")
    }

    @Test("In the file, too; and what is known is no error")
    func file() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile("verify = some\npin-cache = 60 \n", to: "/etc/martlet.conf")
        let doctor = try martlet.run("doctor")
        #expect(doctor.text.contains("✗ /etc/martlet.conf: verify has no value 'some'"), "\(doctor)")
        #expect(doctor.text.contains("sudoedit /etc/martlet.conf"), "\(doctor)")
        #expect(!doctor.text.contains("pin-cache has no"), "\(doctor)")
        for known in [
            ["MARTLET_EACH_USE": "login"], ["MARTLET_IDENTITY": "card"], ["MARTLET_IDENTITY": "opensc"],
            ["MARTLET_PIN_CACHE": "86400"], ["MARTLET_PIN_CACHE": "session"],
            ["MARTLET_PIN_CACHE": "off"], ["MARTLET_VERIFY": "all"], ["MARTLET_APPLICATIONS": "PIV, openpgp"],
        ] {
            let answer = try martlet.run(["config", "settings"], environment: known).checked().text
            #expect(!answer.split(separator: "\n").contains { $0.contains("error: MARTLET") }, "\(answer)")
        }
    }

    @Test("A variable that is no setting's, as a mistyped one, is told")
    func mistyped() throws {
        let martlet = try Self.martlet.get()
        let doctor = try martlet.run(
            ["doctor"], environment: ["MARTLET_EACHUSE": "login", "MARTLET_EACH_USE": "login"])
        #expect(doctor.text.contains("MARTLET_EACHUSE is no setting"), "\(doctor)")
        #expect(doctor.text.contains("unset MARTLET_EACHUSE\n"), "\(doctor)")
        #expect(!doctor.text.contains("MARTLET_EACH_USE is"), "\(doctor)")
    }

    /// With the PIN kept, the one of the login serves each use of 9C, which then does not say that it wants its own.
    @Test(
        "What is unknown counts as the strictest value",
        arguments: [("session", false), ("off", true), ("abc", true), ("0", true)])
    func strictest(_ value: String, _ isStrict: Bool) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9c=p256"]))
        let listed = try martlet.world.run(
            [
                "pkcs11-tool", "--module", try PackageRoot.program("libmartlet-pkcs11.so"), "--login", "--pin",
                SimulatedCard.pin, "--list-objects", "--type", "privkey",
            ], environment: ["MARTLET_EACH_USE": "login", "MARTLET_PIN_CACHE": value]
        ).checked()
        #expect(listed.text.contains("always authenticate") == isStrict, "\(listed)")
    }

    @Test("The module's log has the line")
    func log() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let log = try martlet.world.home.write("", to: "own.log")
        try martlet.run(
            ["probe-module", PackageRoot.program("libmartlet-pkcs11.so")],
            environment: ["MARTLET_PIN_CACHE": "abc", "MARTLET_LOG": log]
        ).checked()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("MARTLET_PIN_CACHE has no value 'abc'"), "\(text)")
    }
}

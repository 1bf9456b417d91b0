import Foundation
import TestSupport
import Testing

/// Every remedy of the doctor's that is a line for a shell is run as it is printed, in the situation that it is for, and mends
/// it.
@Suite struct DoctorRemedyTests {
    typealias Finding = DoctorTests.Finding
    typealias Typing = [(awaited: String, line: String)]

    static func findings(
        _ martlet: MartletCommand, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> [Finding] { try DoctorTests().findings(martlet, arguments, environment: environment) }

    /// The finding that says this, and its remedy run, at a terminal; then nothing says it any more.
    func mend(
        _ martlet: MartletCommand, _ text: String, arguments: [String] = [], typing: Typing = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try Self.findings(martlet, arguments).first { $0.text.contains(text) }
        let finding = try #require(found, "nothing says: \(text)", sourceLocation: sourceLocation)
        let remedy = try #require(finding.remedy, sourceLocation: sourceLocation)
        #expect(finding.remedyIsCommand, "\(remedy)", sourceLocation: sourceLocation)
        let line = "PATH=\(PackageRoot.products):$PATH; " + remedy
        let answer = try martlet.world.run(["bash", "-c", line], typing: typing)
        #expect(answer.ending == .exited(0), "\(remedy): \(answer)", sourceLocation: sourceLocation)
        let left = try Self.findings(martlet, arguments).filter { $0.text.contains(text) }
        #expect(left.isEmpty, "\(remedy) did not mend it: \(left)", sourceLocation: sourceLocation)
    }

    /// A program of the system's, replaced by a script in this world.
    func replace(_ program: String, by script: String, _ martlet: MartletCommand) throws {
        let file = try martlet.world.home.write(
            "#!/bin/bash\n" + script + "\n", to: "stand-in-" + program.filter { $0 != "/" })
        try martlet.tool("chmod", "755", file)
        if !FileManager.default.fileExists(atPath: program) { return }
        try martlet.world.mount(file, over: program)
    }

    @Test("The registration with p11-kit: missing, with its folder or without, and stale")
    func registration() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.copySystemFolder("/etc")
        try martlet.tool("rm", "-rf", "/etc/pkcs11")
        try mend(martlet, "the module is not registered with p11-kit")
        try martlet.world.writeSystemFile(
            "module: /opt/gone/martlet-pkcs11.so\n", to: "/etc/pkcs11/modules/martlet.module")
        try mend(martlet, "/opt/gone/martlet-pkcs11.so with p11-kit, which is not there")
        #expect(try Self.findings(martlet).contains { $0.text.contains("the module is registered with p11-kit") })
    }

    @Test("A registration that another file of its name switches off")
    func disabled() throws {
        let martlet = try DoctorTests.healthy()
        let module = try PackageRoot.program("libmartlet-pkcs11.so"), file = "/usr/share/p11-kit/modules/martlet.module"
        let real = URL(fileURLWithPath: module).resolvingSymlinksInPath().path
        try martlet.tool("cp", try martlet.world.home.write("module: \(real)\n", to: "on"), file)
        let off = try martlet.world.home.write("enable-in:\n", to: "off")
        try martlet.tool("cp", off, "/etc/pkcs11/modules/martlet.module")
        #expect(try !martlet.tool("p11-kit", "list-modules").text.contains("martlet"))
        try mend(martlet, "another file of that name shows it to no program")
        #expect(try martlet.tool("p11-kit", "list-modules").text.contains("martlet"))
    }

    @Test("OpenSC's module beside this one")
    func openSC() throws {
        let martlet = try DoctorTests.healthy()
        let module = try #require(
            ["/opensc-pkcs11.so", "/pkcs11/opensc-pkcs11.so"].map { SystemLibraries.folder + $0 }.first {
                FileManager.default.fileExists(atPath: $0)
            })
        let file = try martlet.world.home.write("module: \(module)\n", to: "opensc")
        try martlet.tool("cp", file, "/usr/share/p11-kit/modules/opensc-pkcs11.module")
        #expect(try martlet.tool("p11-kit", "list-modules").text.contains("opensc-pkcs11"))
        try mend(martlet, "through OpenSC's module")
        #expect(try !martlet.tool("p11-kit", "list-modules").text.contains("opensc-pkcs11"))
    }

    @Test("Settings that do not count: in the file, and in the environment")
    func values() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile("verify = some\n", to: "/etc/martlet.conf")
        let program = try PackageRoot.program("martlet")
        for (environment, editor, text) in [
            ([:], "sed -i s/some/all/", "/etc/martlet.conf: verify has no value 'some'"),
            (["MARTLET_EACH_USE": "sometimes"], "false", "MARTLET_EACH_USE has no value 'sometimes'"),
        ] as [([String: String], String, String)] {
            let found = try Self.findings(martlet, environment: environment)
            let finding = try #require(found.first { $0.text.hasPrefix(text) }, "\(found)")
            #expect(finding.remedyIsCommand)
            let line = "export EDITOR='\(editor)'; \(finding.remedy ?? "false") && '\(program)' doctor --json; true"
            let answer = try martlet.world.run(["bash", "-c", line], environment: environment)
            #expect(answer.text.contains("findings") && !answer.text.contains(text), "\(answer)")
        }
    }

    @Test("Secrets that everybody knows, and a blocked PIN")
    func secrets() throws {
        let martlet = try DoctorTests.healthy()
        func new(_ name: String, _ value: String) -> Typing {
            [("New \(name):", value), ("New \(name) again:", value)]
        }
        try mend(martlet, "the PIN of PIV", typing: [("PIN of", SimulatedCard.pin)] + new("PIN", "246802"))
        try mend(martlet, "the PUK of PIV", typing: [("PUK of", "12345678")] + new("PUK", "86420864"))
        let key = String(repeating: "A1B2C3D4E5F60718", count: 3)
        try mend(
            martlet, "the management key of PIV",
            typing: [("Management key of", SimulatedCard.managementKey)] + new("management key", key))
        for _ in 0..<3 { _ = try martlet.run(["sign", "9a", "/dev/null"], pin: "999999") }
        try mend(martlet, "is blocked", typing: [("PUK of", "86420864")] + new("PIN", "135790"))
        // Both: nothing but a reset helps.
        for _ in 0..<3 { _ = try martlet.run(["sign", "9a", "/dev/null"], pin: "999999") }
        for _ in 0..<3 {
            _ = try martlet.run(["pin", "unblock"], typing: [("PUK of", "00000000")] + new("PIN", "135790"))
        }
        let blocked = try Self.findings(martlet).filter { $0.text.contains("blocked") }
        #expect(blocked.map(\.remedy) == ["martlet reset --application piv"], "\(blocked)")
    }

    @Test("A blocked PIN of an OpenPGP card, without a reset code and with one")
    func openPGP() throws {
        let martlet = try DoctorTests.healthy(SimulatedCard(profile: "openpgp34", keys: ["sig=p256"]))
        let admin: Typing = [("dmin PIN of", "12345678")]
        let new: Typing = [("New PIN:", SimulatedCard.pin), ("New PIN again:", SimulatedCard.pin)]
        func block() throws { for _ in 0..<3 { _ = try martlet.run(["sign", "sig", "/dev/null"], pin: "999999") } }
        try block()
        try mend(martlet, "is blocked", typing: admin + new)
        try martlet.run(
            ["pin", "change-code"],
            typing: admin + [("New reset code:", "87654321"), ("New reset code again:", "87654321")]
        ).checked()
        try block()
        try mend(martlet, "is blocked", typing: [("eset code of", "87654321")] + new)
    }

    @Test("A change that was broken off, on a card with both applications")
    func repair() throws {
        let card = SimulatedCard(
            profile: "yubikey57-both", keys: ["9a=p256", "9d=p256", "sig=p256"],
            arguments: ["--management-key", "3des"])
        let martlet = try DoctorTests.healthy(card)
        let other = martlet.world.home.file("other.pem")
        try martlet.run("certificate", "export", "9d", "--output", other).checked()
        try martlet.tool(
            "yubico-piv-tool", "--action", "import-certificate", "--slot", "9a", "--input", other,
            "--key=" + SimulatedCard.managementKey)
        try mend(
            martlet, "the certificate of 9A is not that of its key",
            typing: [("Management key of", SimulatedCard.managementKey)])
    }

    @Test("A settings file that others may write to")
    func settings() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile("verify = all\n", to: "/etc/martlet.conf", mode: "666")
        try mend(martlet, "/etc/martlet.conf is not used: others than root may write to it")
    }
}

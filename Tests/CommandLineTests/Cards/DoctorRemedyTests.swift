import Foundation
import TestSupport
import Testing

/// Every remedy of the doctor's that is a line for a shell is run as it is printed, in the situation that it is for, and mends
/// it.
@Suite struct DoctorRemedyTests {
    private typealias Finding = DoctorTests.Finding
    private typealias Typing = [(awaited: String, line: String)]

    private static func findings(
        _ martlet: MartletCommand, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> [Finding] { try DoctorTests().findings(martlet, arguments, environment: environment) }

    /// The finding that says this, and its remedy run, at a terminal; then nothing says it any more.
    private func mend(
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
    private func replace(_ program: String, by script: String, _ martlet: MartletCommand) throws {
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

    @Test("pcscd: not running, not to be reached, not installed")
    func service() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        try replace(
            "/usr/bin/systemctl",
            by: """
                [ "$*" = "enable --now pcscd.socket" ] || exit 1
                setsid pcscd --foreground --config \(home.file("readers.d")) >/dev/null 2>&1 </dev/null &
                for i in $(seq 100); do [ -S /run/pcscd/pcscd.comm ] && exit 0; sleep 0.1; done; exit 1
                """, martlet)
        try martlet.world.stopService()
        if FileManager.default.fileExists(atPath: "/usr/bin/systemctl") { try mend(martlet, "pcscd does not run") }
    }

    @Test("A socket of pcscd's that may not be reached", .enabled(if: getuid() == 0, "it takes another user"))
    func unreachable() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.tool("chmod", "700", "/run/pcscd")
        func doctor() throws -> String {
            try martlet.world.run(
                ["setpriv", "--reuid", "65534", "--clear-groups", PackageRoot.program("martlet"), "doctor"],
                environment: ["MARTLET_LOG": "", "MARTLET_TRACE": ""]
            ).text
        }
        let said = try doctor()
        try #require(
            said.contains("pcscd's socket /run/pcscd/pcscd.comm is there, and you may not reach it"), "\(said)")
        let lines = said.split(separator: "\n")
        let index = try #require(lines.firstIndex { $0.contains("you may not reach it") })
        try martlet.tool("bash", "-c", String(lines[index + 1]))
        #expect(try !doctor().contains("you may not reach it"))
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

    @Test("Who holds a card is ended")
    func holder() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.whileHeld("exclusive") { _ in try mend(martlet, "has the card in") }
    }

    @Test("A settings file that others may write to")
    func settings() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile("verify = all\n", to: "/etc/martlet.conf", mode: "666")
        try mend(martlet, "/etc/martlet.conf is not used: others than root may write to it")
    }

    @Test("No agent, a dead one, and one that does not allow the module")
    func agent() throws {
        let martlet = try DoctorTests.healthy()
        let module = try BuiltModule.path(), home = martlet.world.home
        let socket = home.file("agent.sock")
        let narrow = try martlet.world.startInBackground(
            ["ssh-agent", "-D", "-a", socket, "-P", "/nonexistent/*"], log: "agent.log")
        try Deadline.wait(for: "the agent") { FileManager.default.fileExists(atPath: socket) }
        for (environment, text) in [
            ([:], "no ssh-agent runs here"), (["SSH_AUTH_SOCK": socket], "ssh-agent (\(narrow)) does not allow"),
            (["SSH_AUTH_SOCK": home.file("gone.sock")], "nobody answers at"),
        ] as [([String: String], String)] {
            let found = try Self.findings(martlet, ["--module", module], environment: environment)
            let finding = try #require(found.first { $0.text.contains(text) }, "\(text) in \(found)")
            let line =
                "\(finding.remedy ?? "false") >/dev/null && '\(try PackageRoot.program("martlet"))' doctor --module '\(module)'"
            let answer = try martlet.world.run(["bash", "-c", line], environment: environment).text
            #expect(answer.contains("✓ ssh-agent allows"), "\(answer)")
        }
    }

    @Test("Drivers and rights to a reader: the packages and the rules are asked for")
    func readers() throws {
        let martlet = MartletCommand(try CardWorld(readers: []))
        let home = martlet.world.home
        let devices = home.file("bus/usb/devices")
        try martlet.tool("mkdir", "-p", devices + "/1-2", devices + "/1-2:1.0", home.file("asked"))
        for (file, text) in [
            ("1-2:1.0/bInterfaceClass", "0b\n"), ("1-2/product", "Blue Badge\n"), ("1-2/busnum", "1\n"),
            ("1-2/devnum", "7\n"),
        ] { try home.write(text, to: "bus/usb/devices/" + file) }
        try martlet.world.mount(home.file("bus"), over: "/sys/bus")
        try replace(
            "/usr/bin/apt-get",
            by: #"[ "$*" = "install libccid -y" ] && mkdir -p /usr/lib/pcsc/drivers/ifd-ccid.bundle"#, martlet)
        try replace("/usr/bin/systemctl", by: #"[ "$*" = "restart pcscd" ]"#, martlet)
        let line = try #require(try Self.findings(martlet).first { $0.text.contains("has no driver for it") }?.remedy)
        if FileManager.default.fileExists(atPath: "/usr/bin/systemctl") {
            try martlet.tool("bash", "-c", line)
            #expect(try !Self.findings(martlet).contains { $0.text.contains("has no driver for it") })
        }
    }
}

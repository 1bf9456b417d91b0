import Foundation
import TestSupport
import Testing

/// `martlet doctor`: each thing that can be wrong, and the line that mends it.
@Suite struct DoctorTests {
    struct Finding: Decodable {
        let state: String
        let text: String
        let remedy: String?
    }

    /// A world whose p11-kit and ssh-agent know nothing yet.
    private static func healthy(_ card: SimulatedCard = SimulatedCard(keys: ["9a=p256"])) throws -> MartletCommand {
        let martlet = try MartletCommand(card)
        for folder in ["/usr/share/p11-kit/modules", "/etc/pkcs11/modules"] {
            let empty = martlet.world.home.newFile("modules")
            try martlet.tool("mkdir", "-p", empty, folder)
            try martlet.world.mount(empty, over: folder)
        }
        return martlet
    }

    private func findings(
        _ martlet: MartletCommand, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> [Finding] {
        let answer = try martlet.run(["doctor", "--json"] + arguments, environment: environment)
        #expect(answer.errorText == "")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(answer.output))
        #expect(answer.ending == .exited(findings.contains { $0.state == "bad" } ? 1 : 0), "\(answer)")
        return findings
    }

    /// Expects one finding that says this, of this state, with a remedy that has that in it.
    private func expect(_ findings: [Finding], _ state: String, _ text: String, mend remedy: String) {
        let found = findings.filter { $0.text.contains(text) }
        #expect(found.map(\.state) == [state], "\(text) in \(findings)")
        #expect(found.first?.remedy?.contains(remedy) ?? remedy.isEmpty, "\(remedy) in \(findings)")
    }

    @Test("Where all is well, nothing is bad, and the page says so with marks")
    func well() throws {
        let martlet = try Self.healthy()
        let module = try PackageRoot.program("libmartlet-pkcs11.so")
        try register("module: \(module)\n", martlet)
        let found = try findings(martlet)
        expect(found, "good", "pcscd answers", mend: "")
        expect(found, "good", "its PIN has 3 tries left", mend: "")
        expect(found, "good", "the module is registered with p11-kit", mend: "")
        expect(found, "note", "no ssh-agent runs here", mend: "ssh-agent -P ")
        let page = try martlet.run("doctor").checked().text
        #expect(page.hasPrefix("  ✓ pcscd answers\n") && !page.contains("✗"), "\(page)")
    }

    @Test("Without pcscd")
    func noService() throws {
        let martlet = try Self.healthy()
        try martlet.world.stopService()
        expect(try findings(martlet), "bad", "pcscd does not run", mend: "systemctl enable --now pcscd.socket")
        let listed = try martlet.run("list")
        #expect(listed.ending == .exited(69))
        #expect(
            listed.errorText
                == "martlet: error: looking for readers: pcscd does not answer\nmartlet: hint: martlet doctor tells why\n"
        )
    }

    @Test("Without a reader, without rights to it, without its driver")
    func noReader() throws {
        let martlet = MartletCommand(try CardWorld(readers: []))
        let devices = martlet.world.home.file("bus/usb/devices")
        try martlet.tool("mkdir", "-p", devices + "/1-2", devices + "/1-2:1.0", devices + "/usb1")
        try martlet.world.mount(martlet.world.home.file("bus"), over: "/sys/bus")
        expect(try findings(martlet), "bad", "no reader is plugged in", mend: "plug in")
        for (file, text) in [
            ("1-2:1.0/bInterfaceClass", "0b\n"), ("1-2/product", "Blue Badge\n"), ("1-2/busnum", "1\n"),
            ("1-2/devnum", "7\n"),
        ] { try martlet.world.home.write(text, to: "bus/usb/devices/" + file) }
        expect(
            try findings(martlet), "bad", "Blue Badge is plugged in, and pcscd has no driver for it",
            mend: "apt-get install libccid")
        try martlet.tool("mkdir", "-p", "/usr/lib/pcsc/drivers/ifd-ccid.bundle")
        expect(
            try findings(martlet), "bad", "you have no right to use it (/dev/bus/usb/001/007)", mend: "udevadm trigger")
    }

    @Test("No card, and one that another program has for itself")
    func noCard() throws {
        let martlet = try Self.healthy()
        try martlet.world.whileHeld("exclusive") { _ in
            expect(
                try findings(martlet), "bad", "for itself: python3 (", mend: "kill ")
        }
        try martlet.world.pullCard()
        expect(try findings(martlet), "bad", "no card is in a reader", mend: "put a card")
    }

    @Test("A PIN with one try, and none")
    func blockedPIN() throws {
        let martlet = try Self.healthy()
        for _ in 0..<2 { _ = try martlet.run(["sign", "9a", "/dev/null"], pin: "999999") }
        expect(try findings(martlet), "note", "has one try left", mend: "with care")
        _ = try martlet.run(["sign", "9a", "/dev/null"], pin: "999999")
        expect(try findings(martlet), "bad", "is blocked", mend: "martlet pin unblock")
    }

    @Test(
        "Certificates that are not valid, or for another key",
        arguments: [
            (
                ["-not_before", "20200101000000Z", "-not_after", "20210203040506Z"], "has expired on 2021-02-03",
                "request 9a"
            ),
            (
                ["-not_before", "20450101000000Z", "-not_after", "20460101000000Z"], "not valid before 2045-01-01",
                "date"
            ),
        ])
    func certificates(_ dates: [String], _ text: String, _ remedy: String) throws {
        let martlet = try Self.healthy()
        let request = martlet.world.home.file("request.pem"), certificate = martlet.world.home.file("certificate.pem")
        try martlet.run(
            ["certificate", "request", "9a", "--subject", "Old", "--output", request], pin: SimulatedCard.pin
        ).checked()
        try makeCertificate(martlet, request, certificate, dates)
        try martlet.run(
            ["certificate", "import", "9a", certificate],
            typing: [("Management key of", SimulatedCard.managementKey)]
        ).checked()
        expect(try findings(martlet), "bad", text, mend: remedy)
    }

    /// `openssl ca`, which alone takes dates in OpenSSL 3.0.
    private func makeCertificate(
        _ martlet: MartletCommand, _ request: String, _ certificate: String, _ dates: [String]
    ) throws {
        let home = martlet.world.home
        try home.write("", to: "index.txt")
        try home.write(
            """
            [ca]
            default_ca = own
            [own]
            database = \(home.file("index.txt"))
            new_certs_dir = \(home.path)
            default_md = sha256
            policy = any
            rand_serial = yes
            [any]
            commonName = supplied
            """, to: "ca.cnf")
        try martlet.tool(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", home.file("ca.key"), "-subj",
            "/CN=CA",
            "-out", home.file("ca.pem"))
        let options = zip(["-startdate", "-enddate"], [dates[1], dates[3]]).flatMap { [$0, $1] }
        try martlet.world.run(
            [
                "openssl", "ca", "-batch", "-config", home.file("ca.cnf"), "-keyfile", home.file("ca.key"), "-cert",
                home.file("ca.pem"), "-in", request, "-out", certificate, "-notext",
            ] + options
        ).checked()
    }

    @Test("A program that still runs with a module that an upgrade has replaced")
    func oldModule() throws {
        let martlet = try Self.healthy()
        let module = try martlet.world.home.write("the module of yesterday", to: "martlet-pkcs11.so")
        let mapped = martlet.world.home.file("mapped")
        let holder = try martlet.world.startInBackground(
            Python.command(Self.holder) + [module, mapped], log: "holder.log")
        try Deadline.wait(for: "the mapping") { FileManager.default.fileExists(atPath: mapped) }
        #expect(try !findings(martlet).contains { $0.text.contains("has been replaced") })
        try martlet.tool("mv", try martlet.world.home.write("that of today", to: "new"), module)
        expect(
            try findings(martlet), "note", "python3 (\(holder)) runs with a module that has been replaced",
            mend: "kill \(holder)")
    }

    private static let holder = """
        import mmap, sys, time
        with open(sys.argv[1]) as file: held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        open(sys.argv[2], "w").close()
        time.sleep(600)
        """

    @Test("The registration with p11-kit")
    func registration() throws {
        let martlet = try Self.healthy()
        expect(
            try findings(martlet), "bad", "the module is not registered with p11-kit",
            mend: "libmartlet-pkcs11.so' | sudo tee /etc/pkcs11/modules/martlet.module")
        try register("# Martlet\nmodule: /opt/gone/martlet-pkcs11.so\n", martlet)
        expect(
            try findings(martlet), "bad", "/opt/gone/martlet-pkcs11.so with p11-kit, which is not there",
            mend: "install")
    }

    @Test("Settings that do not count, and those that keep the module from a card")
    func settings() throws {
        let martlet = try Self.healthy(), file = "/etc/martlet.conf"
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile("reader = Yubico\napplications = openpgp\n", to: file)
        let found = try findings(martlet, environment: ["MARTLET_SERIALS": "1234"])
        expect(found, "bad", "\(file), line 1: there is no such setting", mend: "sudoedit \(file)")
        expect(found, "note", "serves these applications alone: openpgp", mend: "sudoedit \(file)")
        expect(found, "note", "serves these serials alone: 1234", mend: "unset MARTLET_SERIALS")
    }

    @Test(
        "What ssh-agent allows",
        arguments: [
            (nil, "bad", "does not allow"), ("/nonexistent/*", "bad", "does not allow"),
            ("/usr/lib/*,/*/libmartlet-pkcs11.so", "good", "ssh-agent allows the module"),
        ] as [(String?, String, String)])
    func agent(_ allowed: String?, _ state: String, _ text: String) throws {
        let martlet = try Self.healthy()
        let socket = martlet.world.home.file("agent.sock")
        let pid = try martlet.world.startInBackground(
            ["ssh-agent", "-D", "-a", socket] + (allowed.map { ["-P", $0] } ?? []), log: "agent.log")
        try Deadline.wait(for: "the agent") { FileManager.default.fileExists(atPath: socket) }
        let environment = ["SSH_AUTH_SOCK": socket, "SSH_AGENT_PID": String(pid)]
        expect(
            try findings(martlet, environment: environment), state, text,
            mend: state == "good" ? "" : "ssh-agent -P ")
        let stranger = ["SSH_AUTH_SOCK": socket, "SSH_AGENT_PID": "1"]
        expect(try findings(martlet, environment: stranger), "note", "is not OpenSSH's", mend: "ssh-agent -P ")
    }

    private func register(_ text: String, _ martlet: MartletCommand) throws {
        let file = try martlet.world.home.write(text, to: "martlet.module")
        try martlet.tool("cp", file, "/etc/pkcs11/modules/martlet.module")
    }
}

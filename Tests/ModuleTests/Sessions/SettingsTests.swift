import TestSupport
import Testing

/// MARTLET_LOG, MARTLET_TRACE and MARTLET_IDENTITY: what they tell, and that no PIN is in it. The programs of a world run
/// as root, so their logs are there before them.
@Suite struct SettingsTests {
    /// What goes wrong, and the line that says so. No call spends a PIN try but the one with a wrong PIN.
    @Test(arguments: [
        ("login S user hex:ff80ff80ff80", "CKR_PIN_INCORRECT", "the PIN is not UTF-8"),
        ("login S user zeros:4000", "CKR_PIN_INCORRECT", "the PIN is too short or too long"),
        ("login S user 12345", "CKR_PIN_INCORRECT", "the PIN is too short or too long"),
        ("login S user 999999", "CKR_PIN_INCORRECT", "the PIN is wrong, 2 tries left"),
        (
            "open 1 ro", "CKR_TOKEN_NOT_PRESENT",
            "slot 1, reader \"Yubico YubiKey OTP+FIDO+CCID 00 01\": there is no card"
        ),
    ])
    func theLogSaysWhatIsWrong(_ call: String, _ code: String, _ line: String) throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let log = try world.home.write("", to: "log")
        let process = try CryptokiProcess(in: world, environment: ["MARTLET_LOG": log])
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process(
            "A1 " + call.split(separator: " ").map { $0 == "S" ? session : String($0) }.joined(separator: " "), code)
        let lines = try text(log).split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains(line), "\(lines)")
        #expect(lines.allSatisfy { $0.hasPrefix("martlet[") })
    }

    @Test func theLogSaysWhatIsMissing() throws {
        let world = try CardWorld(readers: [CardReader("Empty")])
        let log = try world.home.write("", to: "log")
        let process = try CryptokiProcess(in: world, environment: ["MARTLET_LOG": log])
        try process("A1 initialize")
        for _ in 0..<3 { #expect(try process("A1 slots present") == []) }
        #expect(try text(log).contains("no card: the readers are empty\n"))
        try world.stopService()
        for _ in 0..<3 { #expect(try process("A1 slots present") == []) }
        #expect(try text(log).contains("(pcscd) does not answer (serviceUnavailable)\n"))
        #expect(try text(log).split(separator: "\n").count == 2)
    }

    /// Both names of standard error, and a pcscd that knows no reader.
    @Test(arguments: ["stderr", "/dev/stderr"])
    func theLogGoesToStandardError(_ name: String) throws {
        let answer = try CardWorld(readers: []).run(
            ["pkcs11-tool", "--module", BuiltModule.path(), "--list-slots"], environment: ["MARTLET_LOG": name])
        #expect(
            answer.errorText.contains("no readers: the smart card service (pcscd) runs, and knows of none\n"),
            "\(answer)")
    }

    /// The system sends SIGXFSZ for a file beyond the limit of its size, which ends a program that does not expect it.
    @Test func aLogBeyondItsLimitEndsNoProgram() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let log = try world.home.write("", to: "log")
        let listed = try world.run(
            ["bash", "-c", #"ulimit -f 1; exec "$@""#, "bash", "pkcs11-tool", "--module", BuiltModule.path(), "-O"],
            environment: ["MARTLET_TRACE": log]
        ).checked().text
        #expect(listed.contains("Public Key Object"))
        #expect(try text(log).utf8.count == 1024)
    }

    /// The Swift runtime has some thirty variables SWIFT_DEBUG_, and tells of those that it does not know.
    @Test func theRuntimeHasNoSettings() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let listed = try world.run(
            ["pkcs11-tool", "--module", BuiltModule.path(), "-O"],
            environment: ["SWIFT_DEBUG_HELP": "yes", "SWIFT_DEBUG_OF_OURS": "1"]
        ).checked()
        #expect(!listed.allText.contains("SWIFT_"), "\(listed)")
    }

    /// The certificate's common name is the token's label, and a program prints that on a terminal.
    @Test func namesSteerNoTerminal() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"], arguments: ["--management-key", "3des"]))
        let make = """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -days 99 \\
                -subj "$(printf '/CN=\\033[31mred\\a\\302\\233')" -out cert.pem
            yubico-piv-tool --action import-certificate --slot 9a --input cert.pem
            """
        try world.run(["sh", "-e", "-c", make]).checked()
        let listed = try world.run("pkcs11-tool", "--module", BuiltModule.path(), "-L").checked().text
        #expect(listed.contains("[31mred"), "\(listed)")
        let controls = listed.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
        #expect(controls.isEmpty, "\(listed)")
    }

    /// The trace shows each command, the log each error, and neither shows a PIN or a plaintext.
    @Test func noSecretIsWritten() throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let log = try world.home.write("", to: "log"), trace = try world.home.write("", to: "trace")
        let process = try CryptokiProcess(in: world, environment: ["MARTLET_LOG": log, "MARTLET_TRACE": trace])
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 987654", "CKR_PIN_INCORRECT")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:02")
        try process("A1 sign-init \(session) CKM_ECDSA \(key)")
        try process("A1 login \(session) context 123456")
        try process("A1 sign \(session) zeros:32")
        let written = try text(log) + text(trace)
        for command in ["> 00A404000", "> 00200080 [9 bytes, secret]", "> 0087119C"] {
            #expect(try text(trace).contains(command), "\(command) in \(written)")
        }
        #expect(try text(log).contains("the PIN is wrong"))
        for secret in ["123456", "987654", "313233343536", "393837363534"] { #expect(!written.contains(secret)) }
    }

    @Test(
        arguments: [
            (nil, ["Yubico", "YubiKey 5 PIV"]), ("opensc", ["piv_II", "PKCS#15 emulated"]),
            ("else", ["Yubico", "YubiKey 5 PIV"]),
        ] as [(String?, [String])])
    func theIdentityIsChosen(_ identity: String?, _ fields: [String]) throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let answer = try world.run(
            ["pkcs11-tool", "--module", BuiltModule.path(), "--list-token-slots"],
            environment: identity.map { ["MARTLET_IDENTITY": $0] } ?? [:]
        ).checked()
        for field in fields { #expect(answer.lines.contains { $0.contains(": ") && $0.hasSuffix(field) }, "\(answer)") }
    }

    /// A host that has closed its standard descriptors finds none of them taken.
    @Test(arguments: ["log", "stderr"])
    func theStandardDescriptorsAreLeftAlone(_ name: String) throws {
        let world = try CardWorld(readers: [])
        let driver = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/standard-descriptors.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        let value = name == "log" ? try world.home.write("", to: name) : name
        let answer = try world.run(
            [driver, BuiltModule.path()], environment: ["MARTLET_LOG": value, "MARTLET_TRACE": value])
        #expect(answer.succeeded, "\(answer)")
        let log = name == "log" ? try text(value) : answer.errorText
        #expect(log.contains("no readers"))
    }

    private func text(_ file: String) throws -> String {
        String(decoding: try Tool.run("cat", file).checked().output, as: UTF8.self)
    }
}

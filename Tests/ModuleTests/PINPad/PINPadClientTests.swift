import TestSupport
import Testing

/// Programs of other people on a reader with keys: none of them asks for a PIN, and none of them gets one.
@Suite struct PINPadClientTests {
    private let module: String

    init() throws { module = try BuiltModule.path() }

    private func tool(_ reader: PINPadReader, typing typed: String) -> PKCS11Tool {
        PKCS11Tool(world: reader.world, module: module, environment: reader.environment(typing: typed))
    }

    /// Signatures by `pkcs11-tool`: one entry for 9A, and for 9C too, for whose use it gives a PIN of its own right after the
    /// login, which covers it.
    @Test(arguments: [("01", "SHA256-RSA-PKCS"), ("02", "ECDSA-SHA256"), ("04", "ECDSA-SHA256")])
    func pkcs11ToolSigns(_ id: String, _ mechanism: String) throws {
        let reader = try PINPadReader(SimulatedCard(keys: SimulatedCard.fourKeys))
        let data = try reader.world.home.write("text", to: "data"), signature = reader.world.home.file("signature")
        let signed = try tool(reader, typing: SimulatedCard.pin).run([
            "--login", "--sign", "--id", id, "--mechanism", mechanism, "--input-file", data, "--output-file", signature,
        ])
        #expect(signed.succeeded, "\(signed)")
        #expect(try reader.takeEntries() == ["00200080"])
        #expect(try !reader.world.home.read("signature").isEmpty)
        // The card saw the command with the PIN, from the reader, and none from the module.
        let verified = try reader.world.apduLog().filter { $0.command.starts(with: [0x00, 0x20, 0x00, 0x80, 0x08]) }
        #expect(verified.map(\.command) == [[0x00, 0x20, 0x00, 0x80, 0x08] + Array("123456".utf8) + [0xFF, 0xFF]])
    }

    @Test func theTokenSaysThatThePINIsTyped() throws {
        let reader = try PINPadReader(SimulatedCard(keys: ["9a=p256"]))
        let shown = try tool(reader, typing: "").run(["--list-slots"]).checked().text
        #expect(shown.contains("PIN pad present"), "\(shown)")
        let plain = try PKCS11Tool(world: reader.world, module: module).run(["--list-slots"]).checked().text
        #expect(!plain.contains("PIN pad present"), "\(plain)")
    }

    @Test(arguments: [
        ("cancel", "CKR_FUNCTION_CANCELED", 3), ("654321", "CKR_PIN_INCORRECT", 2), ("1", "CKR_PIN_INCORRECT", 3),
    ])
    func whatGoesWrongIsSaid(_ typed: String, _ code: String, _ left: Int) throws {
        let reader = try PINPadReader(SimulatedCard(keys: ["9a=p256"]))
        let answer = try tool(reader, typing: typed).run(["--login", "--list-objects"])
        #expect(!answer.succeeded && answer.allText.contains(code), "\(answer)")
        #expect(try reader.takeEntries() == ["00200080"])
        let tries = try reader.world.run([PackageRoot.program("martlet"), "pin", "tries"]).checked().text
        #expect(tries.contains("\(left)"), "\(tries)")
    }

    @Test func pkcs11ToolChangesThePIN() throws {
        let reader = try PINPadReader(SimulatedCard(keys: ["9a=p256"]))
        let changed = try tool(reader, typing: "123456 87654321").run(["--login", "--change-pin"])
        #expect(changed.succeeded, "\(changed)")
        #expect(try reader.takeEntries() == ["00200080", "00240080"])
        let answer = try tool(reader, typing: "87654321").run(["--login", "--list-objects"])
        #expect(answer.succeeded, "\(answer)")
    }

    @Test func p11toolSigns() throws {
        let reader = try PINPadReader(SimulatedCard(keys: ["9a=rsa2048"]))
        try reader.world.registerModule()
        let answer = try reader.world.run(
            ["p11tool", "--batch", "--test-sign", "--login", "pkcs11:token=Martlet%209a;id=%01;type=private"],
            environment: reader.environment(typing: SimulatedCard.pin))
        #expect(
            answer.succeeded && answer.allText.contains("Verifying against public key in the token... ok"), "\(answer)")
        #expect(Set(try reader.takeEntries()) == ["00200080"])
    }

    /// ssh says that the PIN is typed on the reader, and asks for none.
    @Test(arguments: ["01", "02"]) func sshLogsIn(_ id: String) throws {
        let reader = try PINPadReader(SimulatedCard(keys: SimulatedCard.fourKeys))
        let server = try SSHServer(reader.world)
        try server.authorize(PKCS11Tool(world: reader.world, module: module).certificate(id).sshPublicKey())
        let answer = try server.logIn(
            ["-v", "-o", "PKCS11Provider=\(module)", "-o", "IdentityFile=none"],
            environment: reader.environment(typing: SimulatedCard.pin))
        #expect(answer.text == "logged in\n", "\(answer)")
        #expect(answer.errorText.contains("Deferring PIN entry to reader keypad"), "\(answer)")
        #expect(try reader.takeEntries() == ["00200080"])
    }

    /// Both passwords' modes of an OpenPGP card that wants its PIN for each signature.
    @Test func anOpenPGPCardIsUsed() throws {
        let reader = try PINPadReader(SimulatedCard(profile: "openpgp34", keys: ["sig=p256", "aut=p256"]))
        let data = try reader.world.home.write("text", to: "data")
        for (id, entries) in [("03", ["00200082"]), ("01", ["00200082", "00200081"])] {
            let signed = try tool(reader, typing: SimulatedCard.pin).run([
                "--login", "--sign", "--id", id, "--mechanism", "ECDSA-SHA256", "--input-file", data, "--output-file",
                reader.world.home.file("signature"),
            ])
            #expect(signed.succeeded, "\(signed)")
            #expect(try reader.takeEntries() == entries)
        }
    }

    /// `martlet` says what to do on the reader, and asks for nothing itself.
    @Test func martletUsesTheReader() throws {
        let reader = try PINPadReader(SimulatedCard(keys: SimulatedCard.fourKeys))
        let martlet = try PackageRoot.program("martlet")
        let data = try reader.world.home.write("text", to: "data")
        let signed = try reader.world.run(
            [martlet, "sign", "9a", "--output", reader.world.home.file("signature"), data],
            environment: reader.environment(typing: SimulatedCard.pin))
        #expect(signed.succeeded, "\(signed)")
        #expect(signed.errorText.contains("on the reader.\n") && signed.errorText.contains("PIN of PIV"), "\(signed)")
        let changed = try reader.world.run(
            [martlet, "pin", "change"], environment: reader.environment(typing: "123456 87654321"))
        #expect(changed.succeeded && changed.errorText.contains("a new PIN twice, on the reader"), "\(changed)")
        let unblocked = try reader.world.run(
            [martlet, "pin", "unblock"], environment: reader.environment(typing: "12345678 111111"))
        #expect(unblocked.succeeded && unblocked.errorText.contains("Type the PUK of PIV"), "\(unblocked)")
        #expect(try reader.takeEntries() == ["00200080", "00240080", "002C0080"])
    }
}

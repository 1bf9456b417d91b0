import TestSupport
import Testing

extension OpenPGPClients {
    /// When a PIN is asked for, what a wrong one costs, and in which form it reaches the card.
    @Suite struct PINTests {
        /// C4's first byte is 00 on the one and 01 on the other; gpg's `forcesig` turns it over.
        @Test(
            "PW1 valid for one signature, or for several",
            arguments: [
                ("openpgp34", false, true), ("openpgp34", true, false), ("yubikey57-both", false, false),
                ("yubikey57-both", true, true),
            ])
        func promptsAndVerifications(_ profile: String, _ isTurned: Bool, _ isSingle: Bool) throws {
            let world = try world(profile, ["p256", "rsa2048", "p256"])
            if isTurned {
                let gnupg = try GnuPG(world)
                try gnupg.edit("forcesig").checked()
                try gnupg.releaseCard()
            }
            let session = try OpenPGPSession(world, profile)
            for (key, expected) in [(session.signature, isSingle ? "01" : "00"), (session.authentication, "00")] {
                let always = try session.process("A get \(session.handle) \(key) always-authenticate")
                #expect(always == [expected])
            }

            // The login was for whatever comes first; PW1 has a second state at the card, which takes the same PIN.
            let first = try world.apduLog { try session.sign(session.signature) }.map(\.openPGPPurpose)
            #expect(first.suffix(2) == ["verify PW1 for signatures", "sign"], "\(first)")
            let others = try world.apduLog {
                for key in [session.authentication, session.signature, session.authentication] {
                    let needsPIN = isSingle && key == session.signature
                    try session.sign(key, pin: needsPIN ? SimulatedCard.pin : nil)
                }
            }.map(\.openPGPPurpose)
            // A PIN that is just given goes out after SELECT, in the form that the card wants now; SELECT has taken the login's
            // state, which the same PIN gives back.
            let given = ["select OpenPGP", "read the KDF", "verify PW1 for signatures", "verify PW1 for other uses"]
            let expected = (isSingle ? given : []) + ["sign"]
            #expect(others.filter { $0 != "read the card's data" } == ["authenticate"] + expected + ["authenticate"])
            guard isSingle else { return }
            try session.process("A sign-init \(session.handle) CKM_ECDSA \(session.signature)")
            try session.process("A sign \(session.handle) zeros:32", "CKR_USER_NOT_LOGGED_IN")
        }

        @Test("A wrong PIN is told, and how many tries are left", arguments: profiles + ["openpgp20"])
        func wrongPIN(_ profile: String) throws {
            let tool = try tool(world(profile, ["rsa2048", "rsa2048", "rsa2048"]))
            let steps: [(pin: String, code: String, flags: [String])] = [
                ("123", "CKR_PIN_INCORRECT", []),
                ("111111", "CKR_PIN_INCORRECT", ["user PIN count low"]),
                ("111111", "CKR_PIN_INCORRECT", ["user PIN count low", "final user PIN try"]),
                ("111111", "CKR_PIN_LOCKED", ["user PIN locked"]),
                (SimulatedCard.pin, "CKR_PIN_LOCKED", ["user PIN locked"]),
            ]
            for (step, (pin, code, flags)) in steps.enumerated() {
                let answer = try tool.run(["--login", "--pin", pin, "--list-objects"])
                #expect(!answer.succeeded && answer.allText.contains(code), "step \(step): \(answer)")
                let shown = try tool.run(["--list-slots"]).checked().text
                for flag in ["user PIN count low", "final user PIN try", "user PIN locked"] {
                    #expect(shown.contains(flag) == flags.contains(flag), "step \(step), \(flag): \(shown)")
                }
            }
        }

        @Test("A PIN of more than ASCII, hashed on the host or not", arguments: profiles, [true, false])
        func derivedAndUnicode(_ profile: String, _ isDerived: Bool) throws {
            let pin = "schön·密码"
            let world = try world(profile)
            let gnupg = try GnuPG(world)
            if isDerived {
                try gnupg.edit("kdf-setup").checked()
                #expect(try gnupg.cardStatus()["KDF setting"] == "on")
            }
            try gnupg.answer(.newPIN, pin)
            try gnupg.edit("passwd", "1", "q").checked()
            try gnupg.releaseCard()
            let tool = try tool(world), message = try world.home.write("message", to: "message")
            for (id, mechanism) in [("01", "SHA256-RSA-PKCS"), ("03", "ECDSA-SHA256")] {
                let sign = ["--sign", "--id", id, "--mechanism", mechanism, "--input-file", message]
                let output = ["--output-file", "signature", "--signature-format", "openssl"]
                try tool.run(["--login", "--pin", pin] + sign + output).checked()
                let verified = try tool.certificate(id).verify(
                    message, signature: world.home.file("signature"), SigningMechanism("SHA256"))
                #expect(verified.succeeded, "\(verified)")
            }
            #expect(try !tool.runLoggedIn(["--list-objects"]).succeeded, "the PIN of a new card")
        }
    }
}

/// A process with a session that is logged in to the OpenPGP application.
struct OpenPGPSession {
    let process: CryptokiProcess
    let slot: String
    let handle: String
    /// The handles of the private keys.
    let signature, authentication: String

    init(_ world: CardWorld, _ profile: String, in process: CryptokiProcess? = nil) throws {
        self.process = try process ?? CryptokiProcess(in: world)
        if process == nil { try self.process("A initialize") }
        let slots = try self.process("A slots present")
        slot = try #require(slots.last)
        handle = try self.process.first("A open \(slot) rw")
        try self.process("A login \(handle) user \(SimulatedCard.pin)")
        signature = try self.process.first("A find \(handle) class=private id=hex:01")
        authentication = try self.process.first("A find \(handle) class=private id=hex:03")
    }

    /// Makes a signature with an EC key, giving the PIN for it if one is named.
    func sign(_ key: String, pin: String? = nil) throws {
        try process("A sign-init \(handle) CKM_ECDSA \(key)")
        if let pin { try process("A login \(handle) context \(pin)") }
        try process("A sign \(handle) zeros:32")
    }
}

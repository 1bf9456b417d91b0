import TestSupport
import Testing

/// C_DeriveKey with a key of a card, through the built module and a real pcscd; OpenSSL is the other side.
@Suite struct AgreementTests {
    static let kinds =
        ["p256", "p384", "x25519"].map { AgreeingCard.Kind(profile: "yubikey57", algorithm: $0) }
        + [AgreeingCard.Kind(profile: "plain-piv", algorithm: "p256")]
        + [
            "p256", "p384", "p521", "brainpoolp256r1", "brainpoolp384r1", "brainpoolp512r1", "secp256k1", "x25519",
            "x448",
        ]
        .map { AgreeingCard.Kind(profile: "openpgp34", algorithm: $0) }

    /// The first agreement, and further ones: one command each.
    @Test("Both sides have the secret", arguments: kinds)
    func bothSidesHaveTheSecret(_ kind: AgreeingCard.Kind) throws {
        let card = try AgreeingCard(kind)
        let (process, session, key) = try card.logIn()
        let mechanism = "CKM_ECDH1_DERIVE/ecdh,CKD_NULL,hex:,hex:\(try card.peerPoint().digits)"
        let derive = { () throws in
            try process.first("A derive \(session) \(mechanism) \(key) sensitive=false extractable=true")
        }
        #expect(try process.first("A get \(session) \(derive()) value") == card.secret().digits)
        let log = try card.world.apduLog { _ = try derive() }
        let purposes = log.map { $0.openPGPPurpose ?? $0.purpose }
        #expect(
            purposes.filter { $0 != "fetch the rest of the answer" }
                == [kind.isOpenPGP ? "decipher" : "sign with 9d"], "\(log)")
    }

    /// The other side's point as DER OCTET STRING and bare, as the tool's two options give it.
    @Test(
        "pkcs11-tool derives what OpenSSL does",
        arguments: kinds.filter { $0.profile != "plain-piv" && !$0.algorithm.hasPrefix("x") },
        [[], ["--derive-pass-der"]])
    func pkcs11Tool(_ kind: AgreeingCard.Kind, _ options: [String]) throws {
        let card = try AgreeingCard(kind)
        let output = card.world.home.file("secret")
        try card.tool.runLoggedIn(
            [
                "--derive", "--mechanism", "ECDH1-DERIVE", "--id", card.id, "--input-file", card.peerPublicKey,
                "--output-file", output,
            ] + options
        ).checked()
        #expect(try card.world.home.read("secret") == card.secret())
    }

    @Test(
        "The key derivation functions are OpenSSL's",
        arguments: [
            ("CKD_SHA1_KDF", "SHA1", "X963KDF"), ("CKD_SHA256_KDF", "SHA256", "X963KDF"),
            ("CKD_SHA384_KDF", "SHA384", "X963KDF"), ("CKD_SHA512_KDF", "SHA512", "X963KDF"),
            ("CKD_SHA3_256_KDF", "SHA3-256", "X963KDF"), ("CKD_SHA256_KDF_SP800", "SHA256", "SSKDF"),
            ("CKD_SHA3_512_KDF_SP800", "SHA3-512", "SSKDF"),
        ])
    func functions(_ number: String, _ digest: String, _ function: String) throws {
        let card = try AgreeingCard(AgreeingCard.Kind(profile: "openpgp34", algorithm: "p256"))
        let (process, session, key) = try card.logIn()
        let mechanism = "CKM_ECDH1_COFACTOR_DERIVE/ecdh,\(number),hex:0102,hex:\(try card.peerPoint().digits)"
        let derived = try process.first(
            "A derive \(session) \(mechanism) \(key) value-len=80 sensitive=false extractable=true")
        let expected = try Tool.run(
            "openssl", "kdf", "-keylen", "80", "-kdfopt", "digest:\(digest)", "-kdfopt",
            "hexkey:\(card.secret().digits)", "-kdfopt", "hexinfo:0102", "-binary", function
        ).checked().output
        #expect(try process.first("A get \(session) \(derived) value") == expected.digits)
    }

    /// What a caller can do wrong costs no command. `P` is the other side's point, `K` the card's key.
    @Test(arguments: [
        ("K", "ecdh,CKD_NULL,hex:,null:65", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,CKD_NULL,hex:,hex:", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,CKD_NULL,null:5,P", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,CKD_NULL,hex:01,P", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,99,hex:,P", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "zeros:39", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,CKD_NULL,hex:,zeros:65", "", "CKR_PUBLIC_KEY_INVALID"),
        ("K", "ecdh,CKD_NULL,hex:,zeros:4611686018427387904", "", "CKR_MECHANISM_PARAM_INVALID"),
        ("K", "ecdh,CKD_NULL,hex:,P", "value-len=33", "CKR_TEMPLATE_INCONSISTENT"),
        ("K", "ecdh,CKD_NULL,hex:,P", "key-type=aes", "CKR_TEMPLATE_INCOMPLETE"),
        ("4711", "ecdh,CKD_NULL,hex:,P", "", "CKR_KEY_HANDLE_INVALID"),
    ])
    func callsAreAnswered(_ handle: String, _ parameter: String, _ template: String, _ code: String) throws {
        let card = try Self.refusing.get()
        let (process, session, key) = try card.logIn()
        let point = "hex:" + (try card.peerPoint().digits)
        let mechanism = "CKM_ECDH1_DERIVE/" + parameter.replacing(",P", with: ",\(point)")
        let log = try card.world.apduLog {
            try process("A derive \(session) \(mechanism) \(handle == "K" ? key : handle) \(template)", code)
        }
        #expect(log.allSatisfy { $0.openPGPPurpose != "decipher" }, "\(log)")
    }

    private static let refusing = Result {
        try AgreeingCard(AgreeingCard.Kind(profile: "openpgp34", algorithm: "p256"))
    }
}

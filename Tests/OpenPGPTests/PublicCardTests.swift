import HostCrypto
import Keys
import OpenPGP
import Testing
import Token

/// The token on a card that nobody here wrote.
@Suite(.enabled(if: PublicCard.packages != nil, PublicCard.isMissing))
struct PublicCardTests {
    private let keys = (1...3).map { ObjectReference(.privateKey, $0) }
    private let digest = Digest.sha256

    @Test func tokenInfoAndObjectsAreShown() throws {
        let card = try PublicCard.channel("p256,x25519,none")
        let token = try card.token()
        let information = try token.information()
        #expect(information.manufacturer == "unmanaged S/N range")
        #expect(information.model == "OpenPGP card 3.4")
        #expect(information.serialNumber == "ff4200001234")
        #expect(information.pinLengths == 6...127)
        #expect(try token.pinStatus().retriesLeft == 3)
        #expect(try token.present(among: keys, areNamed: false) == [keys[0], keys[1]])
        #expect(try token.policy(of: keys[0]) == KeyPolicy(pin: .always, origin: .generated))
        #expect(try token.policy(of: keys[1]) == KeyPolicy(pin: .once, origin: .generated))
        let others = token.catalogue.map(\.reference).filter { $0.kind == .certificate || $0.kind == .data }
        #expect(try token.present(among: others, areNamed: false) == [])
    }

    /// Each kind of key that the card has, as the authentication key.
    @Test(arguments: ["rsa2048", "rsa3072", "p256", "p384", "p521", "brainpool256"])
    func everyKeySigns(_ kind: String) throws {
        let card = try PublicCard.channel("none,none,\(kind)")
        let token = try card.token()
        let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: keys[2]))
        try token.login("123456")
        for digest in [Digest.sha256, .sha512] {
            let hash = try digest.hash(Array("a message".utf8))
            var signature: [UInt8] = []
            let cost = try card.cost {
                switch key {
                case .rsa:
                    signature = try token.sign(
                        with: keys[2], input: try digest.digestInfo(hash), authorization: nil)
                default: signature = try token.sign(with: keys[2], input: hash, authorization: nil)
                }
            }
            #expect(cost == 1)
            switch key {
            case .rsa: #expect(try key.verifyPKCS1(signature, hash: hash, digest: digest))
            case .ec(let curve, _):
                let parsed = try ECDSASignature(der: signature, fieldSize: curve.fieldSize)
                #expect(try key.verifyECDSA(parsed, hash: Array(hash.prefix(curve.fieldSize))))
            default: Issue.record("\(kind) is another kind of key")
            }
        }
    }

    /// PW1 is valid for one signature on this card, until the administrator says otherwise.
    @Test func theSignatureKeyWantsThePINEachTimeOrOnce() throws {
        let card = try PublicCard.channel("p256,none,none")
        let hash = try digest.hash(Array("a message".utf8))
        func signs(_ token: OpenPGPToken, _ authorization: (any UseAuthorization)? = nil) throws {
            let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: keys[0]))
            let signature = try token.sign(with: keys[0], input: hash, authorization: authorization)
            #expect(try key.verifyECDSA(ECDSASignature(der: signature, fieldSize: 32), hash: hash))
        }
        let single = try card.token()
        try single.login("123456")
        try signs(single)
        #expect(throws: TokenError.useNotAuthenticated) { try signs(single) }
        for _ in 0..<2 { try signs(single, single.authenticate("123456")) }
        try card.reset()
        try card.act("00A40400 06 D27600012401 00")
        try card.act("00200083 08" + hex("12345678".utf8))
        try card.act("00DA00C4 01 01")
        try card.reset()
        let several = try card.token()
        #expect(try several.policy(of: keys[0]).pin == .once)
        try several.login("123456")
        try signs(several)
        for _ in 0..<3 { #expect(try card.cost { try signs(several) } == 1) }
    }

    @Test func rsaDecrypts() throws {
        let token = try PublicCard.channel("none,rsa2048,none").token()
        let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: keys[1]))
        try token.login("123456")
        let message = Array("a secret".utf8)
        let deciphered = try token.decipher(
            with: keys[1], ciphertext: try key.encryptPKCS1(message), authorization: nil)
        #expect(deciphered == message)
        // A number that is no ciphertext, for it is larger than the modulus.
        #expect(throws: TokenError.dataInvalid) {
            _ = try token.decipher(
                with: keys[1], ciphertext: [UInt8](repeating: 0xFF, count: 256), authorization: nil)
        }
    }

    @Test(arguments: [("x25519", KeyType.x25519), ("p256", .ec(.p256)), ("p521", .ec(.p521))])
    func keysAgree(_ kind: String, _ type: KeyType) throws {
        let token = try PublicCard.channel("none,\(kind),none").token()
        let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: keys[1]))
        let other = try PrivateKey.generate(type)
        let point: [UInt8]
        switch other.publicKey {
        case .ec(_, let encoded): point = encoded
        case .montgomery(.x25519, let bytes): point = bytes
        default: throw TokenError.unsupported
        }
        try token.login("123456")
        let secret = try token.sharedSecret(with: keys[1], point: point, authorization: nil)
        #expect(try secret == other.sharedSecret(with: key))
    }

    @Test func triesAreCountedAndOneCallSpendsOne() throws {
        let card = try PublicCard.channel("none,none,none")
        let token = try card.token()
        for left in [2, 1, 0] {
            #expect(throws: left == 0 ? TokenError.pinBlocked : .pinIncorrect(retriesLeft: left)) {
                try token.login("000000")
            }
            #expect(try token.pinStatus().retriesLeft == left)
        }
        #expect(throws: TokenError.pinBlocked) { try token.login("123456") }
    }

    /// Another program resets the card, or selects something else: nobody has to log in again, and no try is lost.
    @Test func aLoginSurvivesOthers() throws {
        let card = try PublicCard.channel("none,none,p256")
        let token = try card.token()
        let hash = try digest.hash(Array("a message".utf8))
        let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: keys[2]))
        try token.login("123456")
        for others in [{ try card.reset() }, { try card.act("00A40400 0A" + hex("py-openpgp".utf8)) }] {
            try others()
            let signature = try token.sign(with: keys[2], input: hash, authorization: nil)
            #expect(try key.verifyECDSA(ECDSASignature(der: signature, fieldSize: 32), hash: hash))
            #expect(try card.cost { _ = try token.sign(with: keys[2], input: hash, authorization: nil) } == 1)
        }
        token.logout()
        #expect(throws: TokenError.notLoggedIn) { _ = try token.sign(with: keys[2], input: hash, authorization: nil) }
        #expect(try token.pinStatus().retriesLeft == 3)
    }

    @Test func objectsAreWrittenReadAndDeleted() throws {
        let token = try PublicCard.channel("none,none,none").token()
        let data = (0x0101...0x0104).map { ObjectReference(.data, UInt32($0)) }
        let certificate = ObjectReference(.certificate, 3)
        let der = try TestCertificate.der()
        #expect(throws: TokenError.notLoggedIn) { try token.write([1], to: data[0], ifStill: nil) }
        #expect(throws: TokenError.administratorNeeded) { try token.write(der, to: certificate, ifStill: nil) }
        try token.login("123456")
        #expect(throws: TokenError.administratorNeeded) { try token.write([1], to: data[1], ifStill: nil) }
        try token.loginAdministrator("12345678")
        for (index, object) in data.enumerated() { try token.write([0xCA, UInt8(index)], to: object, ifStill: nil) }
        try token.write(der, to: certificate, ifStill: nil)
        // This card has no SELECT DATA: the certificates of the other keys cannot be reached.
        #expect(throws: TokenError.readOnly) {
            try token.write(der, to: ObjectReference(.certificate, 1), ifStill: nil)
        }
        #expect(try token.present(among: data + [certificate], areNamed: false) == data + [certificate])
        token.logout()
        try token.login("123456")
        #expect(try token.value(of: data[2]) == [0xCA, 2])
        #expect(try token.value(of: certificate) == der)
        try token.delete(data[2], ifStill: token.revision(of: data[2]))
        #expect(throws: TokenError.objectNotFound) { _ = try token.value(of: data[2]) }
    }
}

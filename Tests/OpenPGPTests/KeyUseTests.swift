import HostCrypto
import ISO7816
import Keys
import OpenPGP
import Testing
import Token

/// What goes to the card when a key is used, and what is made of its answer.
@Suite struct KeyUseTests {
    private let card = ScriptedCard()

    /// A token with a login, whose keys are those of the script.
    private func loggedIn(
        _ related: RelatedData = RelatedData(), reading: [Step] = KnownKeys.reading
    ) throws -> OpenPGPToken {
        let token = try card.token(related)
        card.expect(reading)
        for key in [ObjectReference.signatureKey, .decryptionKey, .authenticationKey] {
            _ = try token.subjectPublicKeyInfo(of: key)
        }
        card.expect(.select, .verify("82"))
        try token.login("123456")
        return token
    }

    @Test func theSignaturesAreRight() throws {
        let token = try loggedIn()
        #expect(token.padsRSA)
        card.expect(.related(), .verify("81"), .sign(KnownKeys.p256Hash, KnownKeys.p256Signature + "9000"))
        let signature = try token.sign(with: .signatureKey, input: KnownKeys.p256Hash, authorization: nil)
        let key = PublicKey.ec(.p256, point: KnownKeys.p256Point)
        #expect(try key.verifyECDSA(ECDSASignature(der: signature, fieldSize: 32), hash: KnownKeys.p256Hash))
        card.expect(.authenticate([0x72], KnownKeys.ed25519Signature + "9000"))
        let other = try token.sign(with: .authenticationKey, input: [0x72], authorization: nil)
        #expect(try PublicKey.edwards(.ed25519, KnownKeys.ed25519).verifyEdDSA(other, message: [0x72]))
        #expect(card.left.isEmpty)
    }

    /// A signature of another length may be another key's: the card is asked which one it is, and the same one stays.
    @Test func aSignatureOfAWrongLengthIsNoSignature() throws {
        let token = try loggedIn()
        card.expect(.authenticate([0x72], "00112233 9000"), .related(), KnownKeys.reading[2])
        #expect(throws: TokenError.self) {
            _ = try token.sign(with: .authenticationKey, input: [0x72], authorization: nil)
        }
        #expect(token.revision(of: .authenticationKey) == 0)
        #expect(card.left.isEmpty)
        let other = KnownKeys.template(KnownKeys.x25519)
        card.expect(.authenticate([0x72], "00112233 9000"), .related())
        card.expect(.readKey("A4", other), .related(), .readKey("A4", other))
        #expect(throws: TokenError.objectNotFound) {
            _ = try token.sign(with: .authenticationKey, input: [0x72], authorization: nil)
        }
        #expect(token.revision(of: .authenticationKey) == 1)
        #expect(card.left.isEmpty)
    }

    @Test(arguments: ["", "04", "40"])
    func keysAgree(_ prefix: String) throws {
        let token = try loggedIn()
        let data = bytes("A6257F49228620") + KnownKeys.x25519Peer
        // Some cards answer as OpenPGP writes points.
        var answer = prefix == "04" ? KnownKeys.x25519Secret + [UInt8](repeating: 1, count: 32) : KnownKeys.x25519Secret
        answer = bytes(prefix) + answer
        card.expect(.decipher(data, hex(answer) + "9000"))
        let secret = try token.sharedSecret(with: .decryptionKey, point: KnownKeys.x25519Peer, authorization: nil)
        #expect(secret == KnownKeys.x25519Secret)
        #expect(throws: TokenError.dataInvalid) {
            _ = try token.sharedSecret(with: .decryptionKey, point: [1, 2, 3], authorization: nil)
        }
        #expect(throws: TokenError.unsupported) {
            _ = try token.sharedSecret(with: .authenticationKey, point: KnownKeys.x25519Peer, authorization: nil)
        }
        #expect(throws: TokenError.unsupported) {
            _ = try token.sign(with: .decryptionKey, input: KnownKeys.p256Hash, authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// A shared secret of another length is none, whatever it is: not cut, and not filled up.
    @Test(arguments: [0, 1, 31, 33, 64, 65, 66]) func aSecretOfAWrongLengthIsNoSecret(_ count: Int) throws {
        let token = try loggedIn()
        let data = bytes("A6257F49228620") + KnownKeys.x25519Peer
        card.expect(.decipher(data, hex([UInt8](repeating: 7, count: count)) + "9000"))
        #expect(throws: TokenError.self) {
            _ = try token.sharedSecret(with: .decryptionKey, point: KnownKeys.x25519Peer, authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// The host computes what the card would; the point goes there as it is.
    @Test(arguments: Curve.allCases.map { KeyType.ec($0) } + [.x25519, .x448])
    func keysOfAllCurvesAgree(_ type: KeyType) throws {
        let (key, peer) = (try PrivateKey.generate(type), try PrivateKey.generate(type).publicKey)
        let token = try card.token(RelatedData(algorithms: ["", Self.attributes(type), ""]))
        card.expect(.readKey("B8", KnownKeys.template(key.publicKey.octets)))
        #expect(try token.usage(of: .decryptionKey) == .derive)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        let secret = try key.sharedSecret(with: peer)
        let command = [UInt8](
            tag: 0xA6, children: [UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, peer.octets)))
        card.expect(.decipher(command, hex(secret) + "9000"))
        #expect(try token.sharedSecret(with: .decryptionKey, point: peer.octets, authorization: nil) == secret)
        var wrong = [Array(peer.octets.dropLast()), [UInt8](repeating: 0, count: peer.octets.count)]
        if case .ec(let curve) = type { wrong.append([2] + peer.octets.dropFirst().prefix(curve.fieldSize)) }
        for point in wrong {
            #expect(throws: TokenError.dataInvalid) {
                _ = try token.sharedSecret(with: .decryptionKey, point: point, authorization: nil)
            }
        }
        #expect(card.left.isEmpty)
    }

    private static func attributes(_ type: KeyType) -> String {
        switch type {
        case .ec(let curve): "12" + hex(curve.oid.dropFirst(2))
        case .x448: "122B656F"
        default: "122B656E"
        }
    }

    // MARK: RSA

    /// Three RSA keys, which are one.
    private func rsa(capabilities: String = "7C00 0800 0800 00FF 00 00") throws -> (OpenPGPToken, RSAKey) {
        let key = try RSAKey.shared()
        let related = RelatedData(
            capabilities: capabilities, algorithms: [String](repeating: KnownKeys.rsa2048Attributes, count: 3))
        let reading: [Step] = ["B6", "B8", "A4"].map { .readKey($0, key.template + "9000") }
        return (try loggedIn(related, reading: reading), key)
    }

    /// Section 7.2.10: at most 40 % of the modulus, which is 102 of 256 bytes; the card pads.
    @Test func aDigestInfoGoesToTheCardUnpadded() throws {
        let (token, _) = try rsa()
        let input = try Digest.sha512.digestInfo([UInt8](repeating: 5, count: 64))
        let signature = String(repeating: "AB", count: 256)
        for input in [input, [UInt8](repeating: 1, count: 102)] {
            card.expect(.authenticate(input, signature + "9000"))
            let answer = try token.sign(with: .authenticationKey, input: input, authorization: nil)
            #expect(hex(answer) == signature)
        }
        #expect(throws: TokenError.dataInvalid) {
            _ = try token.sign(with: .authenticationKey, input: [UInt8](repeating: 1, count: 103), authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// A signature is as long as the modulus; of another length it is none, and the key is looked at.
    @Test(arguments: [0, 128, 255, 257]) func anRSASignatureOfAWrongLengthIsNone(_ count: Int) throws {
        let (token, key) = try rsa()
        let related = RelatedData(algorithms: [String](repeating: KnownKeys.rsa2048Attributes, count: 3))
        card.expect(.authenticate([1], String(repeating: "AB", count: count) + "9000"))
        card.expect(.related(related), .readKey("A4", key.template + "9000"))
        #expect(throws: TokenError.self) {
            _ = try token.sign(with: .authenticationKey, input: [1], authorization: nil)
        }
        #expect(token.revision(of: .authenticationKey) == 0)
        #expect(card.left.isEmpty)
    }

    @Test func theCardTakesThePaddingOff() throws {
        let (token, key) = try rsa()
        let ciphertext = try key.publicKey.encryptPKCS1(Array("a secret".utf8))
        card.expect(.decipher([0] + ciphertext, hex("a secret".utf8) + "9000"))
        let message = try token.decipher(with: .decryptionKey, ciphertext: ciphertext, authorization: nil)
        #expect(message == Array("a secret".utf8))
        #expect(throws: TokenError.dataInvalid) {
            _ = try token.decipher(with: .decryptionKey, ciphertext: [1], authorization: nil)
        }
        #expect(throws: TokenError.unsupported) {
            _ = try token.decipher(with: .authenticationKey, ciphertext: ciphertext, authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// Whatever a card calls a wrong padding, it is one answer, after one deciphering: a second one would tell by its time.
    @Test(arguments: ["6A80", "6F00", "6985", "6700", "6300", "6400", "6A86"])
    func aWrongPaddingHasOneAnswer(_ status: String) throws {
        let (token, key) = try rsa()
        let ciphertext = try key.publicKey.encryptPKCS1([1])
        let refused = Step.decipher([0] + ciphertext, status)
        card.expect(refused)
        if status == "6700" {
            // The form may have been meant: the same in two short commands.
            card.expect(
                Step("102A8086 FF 00" + hex(ciphertext.prefix(254)), "9000"),
                Step("002A8086 02" + hex(ciphertext.suffix(2)) + "00", status))
        }
        let related = RelatedData(algorithms: [String](repeating: KnownKeys.rsa2048Attributes, count: 3))
        card.expect(.related(related))
        #expect(throws: TokenError.dataInvalid) {
            _ = try token.decipher(with: .decryptionKey, ciphertext: ciphertext, authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// MANAGE SECURITY ENVIRONMENT: the keys for decryption and authentication take each other's place, and go back to
    /// their own.
    @Test(arguments: ["9000", "6A80"])
    func rolesCanChange(_ status: String) throws {
        let (token, key) = try rsa(capabilities: "7C00 0800 0800 00FF 00 01")
        for object in [ObjectReference.decryptionKey, .authenticationKey] {
            #expect(try token.usage(of: object) == [.sign, .decrypt])
        }
        #expect(try token.usage(of: .signatureKey) == .sign)
        let there = Step("002241A4 03 830102", "9000"), back = Step("002241A4 03 830103", "9000")
        let signature = String(repeating: "AB", count: 256)
        if status == "9000" {
            card.expect(there, .authenticate([1], signature + status), back)
            #expect(hex(try token.sign(with: .decryptionKey, input: [1], authorization: nil)) == signature)
            let ciphertext = try key.publicKey.encryptPKCS1([1])
            card.expect(
                Step("002241B8 03 830103", "9000"), .decipher([0] + ciphertext, "019000"),
                Step("002241B8 03 830102", "9000"))
            #expect(try token.decipher(with: .authenticationKey, ciphertext: ciphertext, authorization: nil) == [1])
        } else {
            let related = RelatedData(
                capabilities: "7C00 0800 0800 00FF 00 01",
                algorithms: [String](repeating: KnownKeys.rsa2048Attributes, count: 3))
            card.expect(there, .authenticate([1], status), back, .related(related))
            #expect(throws: TokenError.dataInvalid) {
                _ = try token.sign(with: .decryptionKey, input: [1], authorization: nil)
            }
        }
        #expect(card.left.isEmpty)
    }

    // MARK: Touch

    /// The user interaction flags (D6 to D8) are the touch policy.
    @Test func interactionIsTouch() throws {
        let token = try card.token(RelatedData(interaction: ["0020", "0220", "0320"]))
        #expect(try token.policy(of: .signatureKey).touch == .never)
        #expect(try token.policy(of: .decryptionKey).touch == .always)
        #expect(try token.policy(of: .authenticationKey).touch == .cached)
    }

    /// A touch that did not come is not waited for a second time.
    @Test(arguments: ["6600", "6985", "6982"])
    func aMissingTouchIsToldAndNotRepeated(_ status: String) throws {
        let token = try loggedIn(RelatedData(interaction: ["0020", "0020", "0120"]))
        card.expect(.authenticate([0x72], status), Step("00200082", "9000"))
        #expect(throws: TokenError.userActionMissing) {
            _ = try token.sign(with: .authenticationKey, input: [0x72], authorization: nil)
        }
        #expect(card.left.isEmpty)
    }
}

/// An RSA key that all tests share, for it takes long to make.
struct RSAKey {
    let publicKey: PublicKey
    let template: String

    private static let made = Result { () throws in
        let key = try PrivateKey.generate(.rsa(bits: 2048)).publicKey
        guard case .rsa(let modulus, let exponent) = key else { throw HostCryptoError.unsupported }
        return RSAKey(
            publicKey: key,
            template: hex(bytes("7F4982") + [0x01, 0x09] + bytes("81820100") + modulus + bytes("8203") + exponent))
    }

    static func shared() throws -> RSAKey { try made.get() }
}

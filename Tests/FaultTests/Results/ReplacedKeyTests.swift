import CPKCS11
import Cryptoki
import HostCrypto
import Testing
import Token

@testable import VirtualCard

/// Another program makes a new key, takes one away or moves it: no result of another key leaves under an old handle.
@Suite struct ReplacedKeyTests {
    /// A key before and after: where it lies, its CKA_ID, what it signs with.
    struct Replacement: Sendable, CustomTestStringConvertible {
        let profile: CardProfile
        let place: String
        let id: UInt8
        let before, after: String

        init(_ profile: CardProfile, _ place: String, _ id: UInt8, _ before: String, _ after: String) {
            (self.profile, self.place, self.id, self.before, self.after) = (profile, place, id, before, after)
        }

        var testDescription: String { "\(profile.name) \(place): \(before), then \(after)" }

        static func mechanism(_ algorithm: String) -> UInt {
            algorithm.hasPrefix("rsa") ? CKM_SHA256_RSA_PKCS : algorithm.hasPrefix("ed") ? CKM_EDDSA : CKM_ECDSA_SHA256
        }
    }

    static let replacements: [Replacement] = [
        Replacement(.yubiKey57, "9e", 4, "p256", "p256"), Replacement(.yubiKey57, "9e", 4, "p256", "p384"),
        Replacement(.yubiKey57, "9a", 1, "p256", "p256"), Replacement(.yubiKey57, "9a", 1, "rsa1024", "rsa1024"),
        Replacement(.yubiKey57, "9a", 1, "rsa1024", "rsa2048"), Replacement(.yubiKey57, "9e", 4, "ed25519", "ed25519"),
        Replacement(.yubiKey57, "9e", 4, "rsa1024", "p256"), Replacement(.plain, "9e", 4, "p256", "p256"),
        Replacement(.plain, "9a", 1, "p256", "p384"), Replacement(.plain, "9a", 1, "rsa2048", "p256"),
        Replacement(.openPGP34, "aut", 3, "p256", "p256"), Replacement(.openPGP34, "aut", 3, "ed25519", "p256"),
        Replacement(.openPGP34, "aut", 3, "p256", "ed25519"),
    ]

    @Test(arguments: replacements) func anotherKeysSignatureNeverLeaves(_ case: Replacement) throws {
        let (place, id) = (`case`.place, `case`.id)
        let state = try CardState.with(`case`.profile, [place: `case`.before])
        let user = try QuietUser(state)
        let old = try user.key(id), mechanism = Replacement.mechanism(`case`.before)
        #expect(try user.verifies(user.sign(old, mechanism), id: id, mechanism))
        user.reader.card = VirtualCard(state: try state.changed([place: `case`.after]))
        #expect(code { try user.sign(old, mechanism) } == .keyHandleInvalid)
        #expect(code { try user.sign(old, mechanism) } == .keyHandleInvalid)
        let new = try user.key(id), other = Replacement.mechanism(`case`.after)
        #expect(new != old)
        #expect(try user.verifies(user.sign(new, other), id: id, other))
    }

    /// A program that knows which key was made elsewhere, and asks for what the old one could not do, is served.
    @Test(arguments: replacements.filter { Replacement.mechanism($0.before) != Replacement.mechanism($0.after) })
    func aKeyOfAnotherTypeIsNotRefusedForEver(_ case: Replacement) throws {
        let (place, id) = (`case`.place, `case`.id)
        let state = try CardState.with(`case`.profile, [place: `case`.before])
        let user = try QuietUser(state)
        let old = try user.key(id), mechanism = Replacement.mechanism(`case`.after)
        #expect(code { try user.sign(old, mechanism) } == .keyTypeInconsistent)
        user.reader.card = VirtualCard(state: try state.changed([place: `case`.after]))
        #expect(code { try user.sign(old, mechanism) } == .keyHandleInvalid)
        let new = try user.key(id)
        #expect(try user.verifies(user.sign(new, mechanism), id: id, mechanism))
    }

    /// The same while the card stays as it is: nothing but the key was changed, and nothing has to be verified again.
    @Test(arguments: [("9e", 4, UInt32(0x9E)), ("9a", 1, 0x9A)] as [(String, UInt8, UInt32)])
    func aKeyMadeElsewhere(_ place: String, _ id: UInt8, _ number: UInt32) throws {
        let user = try QuietUser(try .with(.yubiKey57, [place: "p256"]))
        let old = try user.key(id)
        try user.sign(old, CKM_ECDSA_SHA256)
        try user.reader.elsewhere { tokens in
            let key = Array("010203040506070801020304050607080102030405060708".utf8)
            try tokens[0].loginAdministrator(secret: key.span.bytes)
            _ = try tokens[0].generateKeyPair(.ec(.p256), at: ObjectReference(.privateKey, number), KeyRequest())
        }
        for _ in 0..<2 { #expect(code { try user.sign(old, CKM_ECDSA_SHA256) } == .keyHandleInvalid) }
        let new = try user.key(id)
        #expect(try user.verifies(user.sign(new, CKM_ECDSA_SHA256), id: id, CKM_ECDSA_SHA256))
    }

    @Test(
        arguments: [
            (CardProfile.yubiKey57, "9e", 4, [:]), (.yubiKey57, "9e", 4, ["9a": "p256"]), (.plain, "9e", 4, [:]),
            (.openPGP34, "aut", 3, [:]), (.openPGP34, "aut", 3, ["sig": "p256"]),
        ] as [(CardProfile, String, UInt8, [String: String])])
    func aKeyThatIsGoneOrElsewhere(_ profile: CardProfile, _ place: String, _ id: UInt8, _ rest: [String: String])
        throws
    {
        let state = try CardState.with(profile, [place: "p256"])
        let user = try QuietUser(state)
        let old = try user.key(id)
        try user.sign(old, CKM_ECDSA_SHA256)
        user.reader.card = VirtualCard(state: try state.changed(rest))
        #expect(code { try user.sign(old, CKM_ECDSA_SHA256) } == .keyHandleInvalid)
        #expect(code { try user.sign(old, CKM_ECDSA_SHA256) } == .keyHandleInvalid)
        #expect(try user.find(CKO_PRIVATE_KEY, id: id).isEmpty)
    }

    /// What an answer to a command for a signature may be instead of one.
    static let wrongs: [@Sendable ([UInt8]) -> [UInt8]] = [
        { answer in answer.dropLast(3) + [answer[answer.count - 3] ^ 1, 0x90, 0x00] },
        { answer in (0..<UInt8(answer.count - 2)).map { $0 &* 151 &+ 43 } + [0x90, 0x00] },
        { _ in [0x90, 0x00] },
    ]

    /// A wrong signature of a key that is still there is one error, and takes nothing away. What was right before is no
    /// signature of something else either.
    @Test(
        arguments: [(CardProfile.yubiKey57, "9e", 4), (.plain, "9e", 4), (.openPGP34, "aut", 3)]
            as [(CardProfile, String, UInt8)], 0..<3)
    func aWrongSignatureOfTheSameKey(_ card: (CardProfile, String, UInt8), _ wrong: Int) throws {
        let user = try QuietUser(try .with(card.0, [card.1: "p256"]))
        let key = try user.key(card.2)
        var isWrong = true
        user.reader.distortion = { command, answer in
            isWrong && [0x87, 0x88, 0xC0].contains(command[1]) && answer.count > 4 ? Self.wrongs[wrong](answer) : answer
        }
        #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .deviceError)
        isWrong = false
        #expect(try user.verifies(user.sign(key, CKM_ECDSA_SHA256), id: card.2, CKM_ECDSA_SHA256))
    }

    /// With the setting off still no zeros, and none beyond the order.
    @Test(arguments: [SignatureCheck.off, .rsa], [0x00, 0xFF] as [UInt8])
    func numbersOutOfRangeNeverLeave(_ check: SignatureCheck, _ byte: UInt8) throws {
        let user = try QuietUser(try .with(.openPGP34, ["aut": "p256"]), check: check)
        let key = try user.key(3)
        user.reader.distortion = { command, answer in
            command[1] == 0x88 ? answer.prefix(32) + [UInt8](repeating: byte, count: 32) + [0x90, 0x00] : answer
        }
        #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .deviceError)
        user.reader.distortion = { $1 }
        try user.sign(key, CKM_ECDSA_SHA256)
    }

    /// Further signatures cost one command, and decryption one more where the card told of the key more than five seconds
    /// before.
    @Test(
        arguments: [
            (CardProfile.yubiKey57, "9d", 3, "rsa2048", [0xF7]), (.openPGP34, "dec", 2, "rsa2048", [0x47]),
            (.yubiKey57, "9d", 3, "p256", [0xF7]), (.openPGP34, "dec", 2, "p256", [0x47]),
        ] as [(CardProfile, String, UInt8, String, [UInt8])])
    func keysWhoseResultsCannotBeVerifiedAreCachedForFiveSeconds(
        _ profile: CardProfile, _ place: String, _ id: UInt8, _ algorithm: String, _ question: [UInt8]
    ) throws {
        let state = try CardState.with(profile, [place: algorithm])
        let user = try QuietUser(state)
        let key = try user.key(id)
        let publicKey = try publicKey(user, profile)
        func use() throws {
            if algorithm.hasPrefix("rsa") {
                try user.decrypt(key, publicKey.rsaPublicOperation(RSAPadding.pkcs1Encryption(of: [1], count: 256)))
            } else {
                try user.derive(key, PrivateKey.generate(.ec(.p256)).publicKey.octets)
            }
        }
        try use()
        let command: UInt8 = profile.hasPIV ? 0x87 : 0x2A
        for (seconds, expected) in [(0, [command]), (6, question + [command]), (4, [command])] as [(Int, [UInt8])] {
            user.reader.wait(seconds: seconds)
            user.reader.sent = []
            try use()
            #expect(user.reader.instructions == expected)
        }
        user.reader.wait(seconds: 6)
        user.reader.card = VirtualCard(state: try state.changed([place: algorithm]))
        user.reader.sent = []
        #expect(code { try use() } == .keyHandleInvalid)
        #expect(!user.reader.instructions.contains(command))
        #expect(user.reader.pinsSent == 0)
        #expect(code { try use() } == .keyHandleInvalid)
    }

    /// Right after the last use another card lies there: what it does not know shows that, and the key is asked for.
    @Test func aLostSelectionIsNoKey() throws {
        let state = try CardState.with(.yubiKey57, ["9d": "rsa2048"])
        let user = try QuietUser(state)
        let key = try user.key(3)
        let publicKey = try publicKey(user, .yubiKey57)
        let ciphertext = try publicKey.rsaPublicOperation(RSAPadding.pkcs1Encryption(of: [1], count: 256))
        try user.decrypt(key, ciphertext)
        user.reader.card = VirtualCard(state: try state.changed(["9d": "rsa2048"]))
        #expect(code { try user.decrypt(key, ciphertext) } == .keyHandleInvalid)
    }

    /// A certificate that is read for the first time is compared with what the card said of the key before.
    @Test func aCertificateContradictsTheKeyTheFirstTime() throws {
        let state = try CardState.with(.yubiKey57, ["9e": "p256"])
        var bare = state
        bare.objects[0x5FC101] = nil
        let user = try QuietUser(bare)
        let old = try user.key(4)
        user.reader.wait(seconds: 6)
        user.reader.card = VirtualCard(state: try state.changed(["9e": "p256"]))
        _ = try user.find(CKO_CERTIFICATE, id: 4)
        #expect(try user.key(4) != old)
        #expect(code { try user.sign(old, CKM_ECDSA_SHA256) } == .keyHandleInvalid)
    }

    private func publicKey(_ user: QuietUser, _ profile: CardProfile) throws -> PublicKey {
        var info: [UInt8] = []
        try user.reader.elsewhere { tokens in
            info = try tokens[0].subjectPublicKeyInfo(of: ObjectReference(.privateKey, profile.hasPIV ? 0x9D : 2))
        }
        return try PublicKey(subjectPublicKeyInfo: info)
    }
}

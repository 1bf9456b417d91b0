import CPKCS11
import Cryptoki
import Testing
import Token

@testable import VirtualCard

/// Another card lies in the reader and nobody has told: after a dip of the power, behind a remote reader.
@Suite struct SwappedCardTests {
    static let cards: [(CardProfile, Bool, String, UInt8)] = [
        (.yubiKey57, true, "9a", 1), (.yubiKey57, false, "9a", 1), (.yubiKey4, true, "9a", 1), (.plain, true, "9a", 1),
        (.openPGP34, true, "aut", 3), (.openPGP20, true, "aut", 3),
    ]

    /// No PIN goes to the other card, none of its keys answers, and everything of the first card ends.
    @Test(arguments: cards, [false, true])
    func noPINGoesToAnotherCard(_ card: (CardProfile, Bool, String, UInt8), _ isVerified: Bool) throws {
        let algorithm = card.0 == .openPGP20 ? "rsa2048" : "p256"
        let mechanism = card.0 == .openPGP20 ? CKM_SHA256_RSA_PKCS : CKM_ECDSA_SHA256
        let user = try QuietUser(try .with(card.0, identified: card.1, [card.2: algorithm]))
        let key = try user.key(card.3)
        try user.sign(key, mechanism)
        user.reader.card = VirtualCard(
            state: try .with(card.0, serialNumber: 8, identified: card.1, [card.2: algorithm]))
        // Where another program has verified its PIN, which may be another one.
        if isVerified, card.0.hasPIV {
            let pin = Array("123456".utf8) + [0xFF, 0xFF]
            _ = user.reader.card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
            _ = user.reader.card.process([0x00, 0x20, 0x00, 0x80, 0x08] + pin)
        }
        user.reader.sent = []
        let answer = code { try user.sign(key, mechanism) }
        if isVerified, card.0.hasPIV {
            #expect(answer == .deviceRemoved || answer == .keyHandleInvalid)
        } else {
            #expect(answer == .deviceRemoved)
            #expect(code { _ = try user.library.session(user.session) } == .sessionHandleInvalid)
        }
        #expect(user.reader.pinsSent == 0)
        // The other card is then served like any other.
        let slot = try #require(user.library.slotList(withToken: true, isAskedAnew: true).first)
        let session = try user.library.openSession(slot, flags: CKF_SERIAL_SESSION)
        if answer == .deviceRemoved { try user.login(session) }
        #expect(throws: Never.self) { try user.sign(user.key(card.3, in: session), mechanism, in: session) }
    }

    /// A key that asks for no PIN.
    @Test(arguments: [CardProfile.yubiKey57, .plain]) func noKeyOfAnotherCardAnswers(_ profile: CardProfile) throws {
        let user = try QuietUser(try .with(profile, ["9e": "p256"]), logsIn: false)
        let key = try user.key(4)
        try user.sign(key, CKM_ECDSA_SHA256)
        user.reader.card = VirtualCard(state: try .with(profile, serialNumber: 8, ["9e": "p256"]))
        #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .deviceRemoved)
        #expect(code { _ = try user.library.session(user.session) } == .sessionHandleInvalid)
    }

    /// The same card after a dip of its power: the login comes back, and for one command it shows who it is.
    @Test(arguments: cards) func theSameCardIsKnown(_ card: (CardProfile, Bool, String, UInt8)) throws {
        let algorithm = card.0 == .openPGP20 ? "rsa2048" : "p256"
        let mechanism = card.0 == .openPGP20 ? CKM_SHA256_RSA_PKCS : CKM_ECDSA_SHA256
        let user = try QuietUser(try .with(card.0, identified: card.1, [card.2: algorithm]))
        let key = try user.key(card.3)
        try user.sign(key, mechanism)
        for _ in 0..<2 {
            user.reader.card.reset()
            user.reader.sent = []
            try user.sign(key, mechanism)
            #expect(user.reader.pinsSent == 1)
            let use: UInt8 = card.0.hasPIV ? 0x87 : 0x88
            let shown: [UInt8] = card.0.hasPIV ? [card.1 ? 0xCB : 0xF8] : []
            let known = user.reader.instructions.filter { $0 != use }
            #expect(known.filter { shown.contains($0) } == shown, "\(known)")
        }
    }

    /// ykman writes a new CHUID with each certificate. On a YubiKey the keys that it made itself say who it is; a card that
    /// shows nothing else is another one once, and is known by its new number from then on.
    @Test(arguments: [(CardProfile.yubiKey57, true), (.plain, false)])
    func aNewNumberIsNoNewCardForEver(_ profile: CardProfile, _ isKnown: Bool) throws {
        let user = try QuietUser(try .with(profile, ["9a": "p256"]))
        let key = try user.key(1)
        try user.sign(key, CKM_ECDSA_SHA256)
        let other = try CardState.with(profile, serialNumber: 8, [:])
        let number = try #require(other.objects[0x5FC102])
        try user.reader.elsewhere { tokens in
            let key = Array("010203040506070801020304050607080102030405060708".utf8)
            try tokens[0].loginAdministrator(secret: key.span.bytes)
            try tokens[0].write(number, to: ObjectReference(.data, 0x5FC102), ifStill: nil)
        }
        var session: UInt?
        if !isKnown {
            user.reader.card.reset()
            #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .deviceRemoved)
            let slot = try #require(user.library.slotList(withToken: true, isAskedAnew: true).first)
            session = try user.library.openSession(slot, flags: CKF_SERIAL_SESSION)
            try user.login(try #require(session))
        }
        for _ in 0..<2 {
            user.reader.card.reset()
            let current = try isKnown ? key : user.key(1, in: session)
            try user.sign(current, CKM_ECDSA_SHA256, in: session)
        }
    }
}

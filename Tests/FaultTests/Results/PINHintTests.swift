import CPKCS11
import Cryptoki
import Testing
import Token

@testable import VirtualCard

/// What a query says of the PIN is a hint; what the key says counts.
@Suite struct PINHintTests {
    /// Cards whose empty VERIFY says 9000 while their keys are locked: PivApplet keeps its PIN over SELECT and locks its keys,
    /// CanoKey answers for PW1 whatever the mode.
    final class Locking {
        var isLocked = false
        /// Whether a PIN unlocks the key.
        var isUnlocked = true
        private let use: UInt8

        init(_ user: QuietUser, _ profile: CardProfile) {
            use = profile.hasPIV ? 0x87 : 0x88
            user.reader.intercept = { [self] command in
                switch command[1] {
                case 0xA4: isLocked = true
                case 0x20 where command.count > 5: isLocked = isLocked && !isUnlocked
                case 0x20 where command[2] == 0: return [0x90, 0x00]
                case use where isLocked: return [0x69, 0x82]
                default: break
                }
                return nil
            }
        }
    }

    static let cards: [(CardProfile, String, UInt8)] = [
        (.yubiKey57, "9a", 1), (.plain, "9a", 1), (.openPGP34, "aut", 3),
    ]

    private func user(
        _ card: (CardProfile, String, UInt8), _ retention: PINRetention = .session
    ) throws -> (QuietUser, Locking) {
        let user = try QuietUser(try .with(card.0, [card.1: "p256"]), retention, logsIn: false)
        let locking = Locking(user, card.0)
        return (user, locking)
    }

    /// Log in, list everything, sign.
    @Test(arguments: cards) func listingAfterTheLoginLeavesTheKey(_ card: (CardProfile, String, UInt8)) throws {
        let (user, locking) = try user(card)
        try user.login()
        try user.list()
        locking.isLocked = true
        let key = try user.key(card.2)
        let sent = user.reader.pinsSent
        try user.sign(key, CKM_ECDSA_SHA256)
        #expect(user.reader.pinsSent == sent + 1)
        try user.sign(key, CKM_ECDSA_SHA256)
        #expect(user.reader.pinsSent == sent + 1)
    }

    /// As `ssh-add -s; ssh-keygen -D; ssh-add -T`: another program selects the application in between.
    @Test(arguments: cards) func anotherProgramsSelectionLeavesTheKey(_ card: (CardProfile, String, UInt8)) throws {
        let (user, locking) = try user(card)
        try user.login()
        let key = try user.key(card.2)
        try user.sign(key, CKM_ECDSA_SHA256)
        for _ in 0..<2 {
            locking.isLocked = true
            let sent = user.reader.pinsSent
            try user.sign(key, CKM_ECDSA_SHA256)
            #expect(user.reader.pinsSent == sent + 1)
        }
    }

    /// The key stays locked: one PIN, and the login is over.
    @Test(arguments: cards) func aKeyThatStaysLockedCostsOnePIN(_ card: (CardProfile, String, UInt8)) throws {
        let (user, locking) = try user(card)
        try user.login()
        let key = try user.key(card.2)
        (locking.isLocked, locking.isUnlocked) = (true, false)
        let sent = user.reader.pinsSent
        #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .userNotLoggedIn)
        #expect(user.reader.pinsSent == sent + 1)
        for _ in 0..<3 { #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } != nil) }
        #expect(user.reader.pinsSent == sent + 1)
        #expect(throws: Never.self) { try user.login() }
    }

    /// A PIN that is not kept cannot be sent: the login is over, and a new one helps.
    @Test(arguments: cards) func withoutAKeptPINTheLoginEnds(_ card: (CardProfile, String, UInt8)) throws {
        let (user, locking) = try user(card, .off)
        try user.login()
        let key = try user.key(card.2)
        locking.isLocked = true
        let sent = user.reader.pinsSent
        #expect(code { try user.sign(key, CKM_ECDSA_SHA256) } == .userNotLoggedIn)
        #expect(user.reader.pinsSent == sent)
        try user.login()
        try user.sign(try user.key(card.2), CKM_ECDSA_SHA256)
    }
}

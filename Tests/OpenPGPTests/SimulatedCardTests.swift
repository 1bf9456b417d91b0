import CardApplication
import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// Setting up, on simulated cards in the same process.
struct SimulatedOpenPGPCard {
    let channel: VirtualCardChannel
    let token: OpenPGPToken

    init(_ profile: CardProfile = .openPGP34, keys: [CardBuilder.OpenPGPKeyPlan] = []) throws {
        var builder = try CardBuilder(profile: profile, serialNumber: 7)
        for key in keys { try builder.add(key) }
        channel = VirtualCardChannel(card: VirtualCard(state: builder.state))
        token = try #require(try OpenPGPToken.open(Card(channel: channel)))
    }

    /// A token of another process on the same card.
    func another() throws -> OpenPGPToken { try #require(try OpenPGPToken.open(Card(channel: channel))) }

    static func place(_ key: UInt32) -> ObjectReference { ObjectReference(.privateKey, key) }
}

@Suite("Keys of OpenPGP cards are generated and imported") struct NewKeyTests {
    static let made: [(CardProfile, UInt32, KeyType)] = [
        (.openPGP34, 1, .rsa(bits: 2048)), (.openPGP34, 2, .rsa(bits: 2048)), (.openPGP34, 1, .ed25519),
        (.openPGP34, 2, .x25519), (.openPGP34, 3, .ec(.p521)), (.openPGP34, 2, .ec(.brainpoolP512r1)),
        (.openPGP34, 3, .ed448), (.openPGP34, 2, .x448), (.openPGP34, 1, .ec(.secp256k1)),
        (.openPGP20, 3, .rsa(bits: 2048)), (.yubiKey57Both, 3, .ec(.p384)),
    ]

    /// What another process then sees: the key, its date, and the fingerprint that belongs to both.
    private func check(_ card: SimulatedOpenPGPCard, _ key: UInt32, _ expected: [UInt8]) throws {
        let other = try card.another()
        #expect(try other.subjectPublicKeyInfo(of: SimulatedOpenPGPCard.place(key)) == expected)
        #expect(try other.unfinishedChanges().isEmpty)
        let told = other.withCache { $0.related.value.keys[OpenPGPKey(rawValue: UInt8(key)) ?? .signature] }
        #expect(told?.timestamp == [0x60, 0x00, 0x00, 0x01])
        let algorithm = try #require(told?.algorithm), date = try #require(told?.timestamp)
        let publicKey = try PublicKey(subjectPublicKeyInfo: expected)
        #expect(try told?.fingerprint == KeyFingerprint.of(publicKey, algorithm, time: date))
    }

    @Test(arguments: made.indices) func isMade(_ index: Int) throws {
        let (profile, key, algorithm) = Self.made[index]
        let card = try SimulatedOpenPGPCard(profile)
        try card.token.loginAdministrator("12345678")
        let made = try card.token.generateKeyPair(
            algorithm, at: SimulatedOpenPGPCard.place(key), KeyRequest(creationTime: 0x6000_0001))
        #expect(try PublicKey(subjectPublicKeyInfo: made).type == algorithm)
        try check(card, key, made)
    }

    static let imported: [(CardProfile, UInt32, KeyType)] = [
        (.openPGP34, 1, .rsa(bits: 2048)), (.openPGP34, 3, .ec(.p256)), (.openPGP34, 1, .ed25519),
        (.openPGP34, 2, .x25519), (.openPGP34, 2, .x448), (.openPGP20, 2, .rsa(bits: 2048)),
        (.yubiKey57Both, 2, .ec(.brainpoolP384r1)),
    ]

    @Test(arguments: imported.indices) func isImported(_ index: Int) throws {
        let (profile, key, type) = Self.imported[index]
        let card = try SimulatedOpenPGPCard(profile)
        let privateKey = try PrivateKey.generate(type)
        let info = try privateKey.pkcs8()
        try card.token.loginAdministrator("12345678")
        try card.token.importPrivateKey(
            info.span.bytes, at: SimulatedOpenPGPCard.place(key), KeyRequest(creationTime: 0x6000_0001))
        try check(card, key, privateKey.publicKey.subjectPublicKeyInfo)
    }

    static let refusals: [(CardProfile, UInt32, KeyType, KeyRequest, TokenError)] = [
        (.openPGP34, 2, .ed25519, KeyRequest(), .algorithmNotSupported),
        (.openPGP34, 1, .x25519, KeyRequest(), .algorithmNotSupported),
        (.openPGP34, 1, .rsa(bits: 1024), KeyRequest(), .algorithmNotSupported),
        (.openPGP20, 1, .ec(.p256), KeyRequest(), .algorithmNotSupported),
        (.yubiKey57Both, 2, .x448, KeyRequest(), .algorithmNotSupported),
        (.openPGP34, 2, .rsa(bits: 2048), KeyRequest(pin: .always), .unsupported),
        (.openPGP34, 1, .rsa(bits: 2048), KeyRequest(pin: .never), .unsupported),
        (.openPGP34, 1, .rsa(bits: 2048), KeyRequest(touch: .cached), .unsupported),
        (.openPGP20, 1, .rsa(bits: 2048), KeyRequest(touch: .always), .unsupported),
        (.openPGP34, 4, .rsa(bits: 2048), KeyRequest(), .objectNotFound),
    ]

    @Test(arguments: refusals.indices) func whatTheCardDoesNotHaveIsRefused(_ index: Int) throws {
        let (profile, key, algorithm, request, expected) = Self.refusals[index]
        let card = try SimulatedOpenPGPCard(profile)
        try card.token.loginAdministrator("12345678")
        card.channel.clearLog()
        #expect(throws: expected) {
            try card.token.generateKeyPair(algorithm, at: SimulatedOpenPGPCard.place(key), request)
        }
        // Nothing was written, nor made.
        #expect(
            !card.channel.log.contains { [0xDA, 0xDB].contains($0.command[1]) || $0.command[1...2] == [0x47, 0x80] })
    }

    @Test func theRulesAreTheOnesAskedFor() throws {
        let card = try SimulatedOpenPGPCard(.yubiKey57Both)
        try card.token.loginAdministrator("12345678")
        let place = SimulatedOpenPGPCard.place(1)
        _ = try card.token.generateKeyPair(.ec(.p256), at: place, KeyRequest(pin: .always, touch: .cached))
        let policy = try card.another().policy(of: place)
        #expect(policy.pin == .always && policy.touch == .cached && policy.origin == .generated)
    }

    @Test func withoutPW3NothingIsMade() throws {
        let card = try SimulatedOpenPGPCard()
        #expect(throws: TokenError.administratorNeeded) {
            try card.token.generateKeyPair(.ec(.p256), at: SimulatedOpenPGPCard.place(1), KeyRequest())
        }
    }
}

@Suite("PINs of OpenPGP cards, and their reset") struct SecretTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [CardProfile.openPGP34, .openPGP20, .yubiKey57Both]) func areChanged(_ profile: CardProfile) throws
    {
        let card = try SimulatedOpenPGPCard(profile)
        let (user, officer, newUser, newOfficer) =
            (bytes("123456"), bytes("12345678"), bytes("654321"), bytes("87654321"))
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            try card.token.changePIN(from: newUser.span.bytes, to: user.span.bytes)
        }
        try card.token.changePIN(from: user.span.bytes, to: newUser.span.bytes)
        try card.token.login("654321")
        try card.token.changeAdministratorSecret(from: officer.span.bytes, to: newOfficer.span.bytes)
        try card.token.loginAdministrator("87654321")
        try card.token.initializePIN(to: user.span.bytes)
        try card.token.changeUnblockingCode(from: nil, to: newOfficer.span.bytes)
        #expect(try card.token.unblockingStatus().retriesLeft == 3)
        let other = try card.another()
        try other.login("123456")
        try other.unblockPIN(with: newOfficer.span.bytes, to: newUser.span.bytes)
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            try other.unblockPIN(with: officer.span.bytes, to: user.span.bytes)
        }
        #expect(try other.unblockingStatus().retriesLeft == 2)
        try other.login("654321")
    }

    /// What is given as the old PIN is the resetting code where the PIN is blocked, which the card is asked right before.
    @Test(arguments: [CardProfile.openPGP34, .openPGP20]) func areChangedOrUnblocked(_ profile: CardProfile) throws {
        let card = try SimulatedOpenPGPCard(profile)
        let (user, wrong, code) = (bytes("123456"), bytes("999999"), bytes("87654321"))
        try card.token.loginAdministrator("12345678")
        try card.token.changeUnblockingCode(from: nil, to: code.span.bytes)
        let other = try card.another()
        try other.changeOrUnblockPIN(from: user.span.bytes, to: user.span.bytes)
        for _ in 0..<3 { #expect(throws: TokenError.self) { try other.login("999999") } }
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            let wrongCode = bytes("00000000")
            try other.changeOrUnblockPIN(from: wrongCode.span.bytes, to: user.span.bytes)
        }
        // Another program unblocks it: what `other` was told seconds ago does not count.
        try card.token.initializePIN(to: user.span.bytes)
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            try other.changeOrUnblockPIN(from: wrong.span.bytes, to: user.span.bytes)
        }
        #expect(try other.unblockingStatus().retriesLeft == 2)
        for _ in 0..<2 { #expect(throws: TokenError.self) { try other.login("999999") } }
        try other.changeOrUnblockPIN(from: code.span.bytes, to: wrong.span.bytes)
        try other.login("999999")
    }

    /// With PW3 or without, from any state: what is broken off goes on.
    @Test(arguments: [CardProfile.openPGP34, .yubiKey57Both], [true, false])
    func isReset(_ profile: CardProfile, _ isLoggedIn: Bool) throws {
        let card = try SimulatedOpenPGPCard(profile, keys: [.init(slot: "sig", algorithm: "p256")])
        let place = SimulatedOpenPGPCard.place(1)
        #expect(try card.token.present(among: [place], areNamed: true) == [place])
        if isLoggedIn { try card.token.loginAdministrator("12345678") }
        let secret = bytes("adminadmin")
        try card.token.reset(administratorSecret: secret.span.bytes)
        #expect(card.token.revision(of: place) > 0)
        for token in [card.token, try card.another()] {
            #expect(try token.present(among: [place], areNamed: true).isEmpty)
        }
        try card.token.login("123456")
        try card.token.loginAdministrator("adminadmin")
    }

    @Test func aCardWithoutLifeCycleIsNotReset() throws {
        let card = try SimulatedOpenPGPCard(.openPGP34)
        let before = card.channel.log.count
        card.token.withCache { $0.related = Reading(.nothing, at: $0.related.time) }
        #expect(throws: TokenError.unsupported) { try card.token.reset() }
        #expect(card.channel.log.count == before)
    }
}

/// The power goes before, and after, each command of a change that takes several.
@Suite("Power that goes while an OpenPGP key is made") struct PowerLossTests {
    @Test(arguments: [false, true], [false, true])
    func aBrokenWriteLeavesTheOldTheNewOrARepairableKey(_ isImported: Bool, _ isLastDone: Bool) throws {
        let info = try PrivateKey.generate(.ec(.p384)).pkcs8()
        let place = SimulatedOpenPGPCard.place(1)
        var (isBrokenOff, count) = (true, 0)
        while isBrokenOff {
            let card = try SimulatedOpenPGPCard(keys: [.init(slot: "sig", algorithm: "p256")])
            let old = try card.another().subjectPublicKeyInfo(of: place)
            try card.token.loginAdministrator("12345678")
            card.channel.cutPower(after: count, isLastDone: isLastDone)
            let outcome = Result {
                if isImported {
                    try card.token.importPrivateKey(info.span.bytes, at: place, KeyRequest())
                } else {
                    _ = try card.token.generateKeyPair(.ec(.p384), at: place, KeyRequest())
                }
            }
            if case .success = outcome { isBrokenOff = false }
            card.channel.restorePower()
            let next = try card.another()
            let unfinished = try next.unfinishedChanges()
            let isThere = try !next.present(among: [place], areNamed: true).isEmpty
            if unfinished.isEmpty {
                // The old key as it was, or the new one with all that belongs to it.
                #expect(isThere, "\(count) commands")
                if !isBrokenOff { #expect(try next.subjectPublicKeyInfo(of: place) != old) }
            }
            try next.loginAdministrator("12345678")
            try next.finishChanges()
            #expect(try card.another().unfinishedChanges().isEmpty, "\(count) commands")
            count += 1
        }
        #expect(count > 5)
    }
}

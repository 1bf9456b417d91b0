import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// What a card can do is asked of it, and not read off its name.
extension RealCardTests {
    /// A YubiKey behind a reader that damages its answer to reset (ACR122: `YubiKe?`), on which everything works.
    private static func nameless() throws -> Bent {
        try Bent(.yubiKey57, keys: p256, answerToReset: [0x3B, 0x80, 0x01, 0x81])
    }

    private func administrate(_ bent: Bent) throws {
        let key = Array(SimulatedToken.managementKey.utf8)
        try bent.token.loginAdministrator(secret: key.span.bytes)
    }

    /// Java asks of each mechanism what the card can do: once it has told, no transaction is begun for that.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey52, .plain])
    func whatACardCanDoIsAskedOnce(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: Self.p256)
        func ask() throws {
            _ = try simulated.token.cardAlgorithms()
            _ = try simulated.token.keyAlgorithms(at: Self.tokenKey)
            _ = try simulated.token.firmware()
        }
        try ask()
        let before = simulated.channel.transactions
        for _ in 0..<10 { try ask() }
        #expect(simulated.channel.transactions == before)
    }

    @Test func aKeyIsImportedOnACardWithoutAKnownName() throws {
        let bent = try Self.nameless()
        try administrate(bent)
        let key = try PrivateKey.generate(.ec(.p256))
        let info = try key.pkcs8()
        let place = ObjectReference(.privateKey, 0x9D)
        try bent.token.importPrivateKey(info.span.bytes, at: place, KeyRequest(pin: .never))
        #expect(try bent.token.subjectPublicKeyInfo(of: place) == key.publicKey.subjectPublicKeyInfo)
        #expect(try bent.token.keyAlgorithms(at: place).contains(.ed25519))
        _ = try bent.token.attest(Self.tokenKey)
    }

    @Test func aCardWithoutAKnownNameIsReset() throws {
        let bent = try Self.nameless()
        try bent.token.reset(administratorSecret: nil)
        #expect(try bent.token.content(of: Self.tokenKey) == .nothing)
    }

    /// CanoKey says 5.7.0, and has less; a card without Yubico's commands is asked once.
    @Test(
        arguments: [([5, 7, 0, 0x90, 0x00], false), ([5, 7, 2, 0x90, 0x00], true), ([0x6D, 0x00], false)]
            as [([UInt8], Bool)])
    func theVersionIsTrustedOfYubiKeysAlone(_ answer: [UInt8], _ hasEdwards: Bool) throws {
        let bent = try Self.nameless()
        bent.card.intercept = { (command) throws(ChannelError) in command[1] == 0xFD ? answer : nil }
        for _ in 0..<2 { #expect(try bent.token.keyAlgorithms(at: Self.tokenKey).contains(.ed25519) == hasEdwards) }
        #expect(bent.card.sent.count { $0[1] == 0xFD } == 1)
    }

    /// All of Nitrokey 3 tell the same number, which is none.
    @Test(
        arguments: [([0x00, 0x52, 0xF7, 0x43, 0x90, 0x00], ""), ([0, 0, 0, 7, 0x90, 0x00], "7"), ([0x6D, 0x00], "")]
            as [([UInt8], String)])
    func theCardsOwnNumberIsTheLast(_ answer: [UInt8], _ expected: String) throws {
        let bent = try Bent(.plain, keys: Self.p256) { (command) throws(ChannelError) in
            if Self.isGetData(of: [0x5F, 0xC1, 0x02], command) { return [0x6A, 0x82] }
            return command[1] == 0xF8 ? answer : nil
        }
        #expect(try bent.token.information().serialNumber == expected)
    }

    /// A FASC-N of zeros (Token2), or with the agency code 0000 (pivy), is no number.
    @Test(arguments: [[0xD0, 0x42, 0x10, 0xD8], [0x00, 0x00, 0x00, 0x00], [0xD4, 0xE7, 0x39, 0xDA]] as [[UInt8]])
    func aPlaceholderIsNoNumber(_ start: [UInt8]) throws {
        let guid = [UInt8](1...16), rest = [UInt8](repeating: start[0] == 0 ? 0 : 0x21, count: 21)
        let value = [UInt8](tag: 0x30, start + rest) + [UInt8](tag: 0x34, guid)
        #expect(CardholderUniqueIdentifier(parsing: value).serialNumber == "090a0b0c0d0e0f10")
        let real = [UInt8](tag: 0x30, [0xD6, 0x10, 0x55, 0x01] + rest) + [UInt8](tag: 0x34, guid)
        #expect(CardholderUniqueIdentifier(parsing: real).serialNumber?.hasPrefix("090a") == false)
    }

    /// A key without a PIN is shown to everybody, wherever it lies; the others are not, and a second look costs nothing.
    @Test func aKeyWithoutPINIsShownToEverybody() throws {
        let bent = try Bent(keys: [
            .init(reference: 0x9C, algorithm: "p256", pinPolicy: .never), .init(reference: 0x9A, algorithm: "p256"),
        ])
        func hidden() -> [ObjectReference] {
            bent.token.catalogue.filter { $0.isPrivate && $0.reference.kind == .privateKey }.map(\.reference)
        }
        try bent.token.learnPolicies(of: hidden())
        let open = ObjectReference(.privateKey, 0x9C)
        #expect(!hidden().contains(open) && hidden().contains(Self.tokenKey))
        let sent = bent.card.sent.count
        try bent.token.learnPolicies(of: hidden())
        #expect(bent.card.sent.count == sent)
        #expect(try bent.token.present(among: [open], areNamed: false) == [open])
        #expect(try bent.signsRight(0x9C))
    }

    /// `identity = card`: what a new certificate does not change.
    @Test(arguments: [(CardProfile.yubiKey57, "1234567"), (.plain, nil)] as [(CardProfile, String?)])
    func anIdentityMayLast(_ profile: CardProfile, _ expected: String?) throws {
        let information = try SimulatedToken(profile, identity: .card).token.information()
        #expect(information.serialNumber == expected ?? information.serialNumber)
        #expect(information.label == "PIV \(information.serialNumber)" && information.label.utf8.count <= 32)
        let bare = try SimulatedToken(profile, keys: [], identity: .card).token.information()
        if expected != nil { #expect(bare.label == information.label) }
    }

    /// The RSA keys of YubiKey 4.2.0 to 4.3.4 are weak (ROCA): none is made there, and one may be imported.
    @Test(
        arguments: [([4, 1, 9], false), ([4, 2, 0], true), ([4, 3, 4], true), ([4, 3, 5], false)] as [([UInt8], Bool)])
    func weakKeysAreNotMade(_ version: [UInt8], _ isWeak: Bool) throws {
        let bent = try Bent(.yubiKey4, keys: []) { (command) throws(ChannelError) in
            command[1] == 0xFD ? version + [0x90, 0x00] : nil
        }
        try administrate(bent)
        func make() throws -> [UInt8] {
            try bent.token.generateKeyPair(.rsa(bits: 1024), at: Self.tokenKey, KeyRequest())
        }
        if isWeak {
            #expect(throws: TokenError.algorithmNotSupported) { try make() }
        } else {
            _ = try make()
        }
        #expect(bent.card.sent.contains { $0[1] == 0x47 } == !isWeak)
        #expect(try bent.token.keyAlgorithms(at: Self.tokenKey).contains(.rsa(bits: 2048)))
    }

    /// RSA keys of such a YubiKey are weak, whoever asks; no other key is, and where metadata tell nobody is asked.
    @Test(arguments: [([4, 2, 4], true), ([4, 3, 5], false), ([4, 1, 9], false)] as [([UInt8], Bool)])
    func weakKeysAreTold(_ version: [UInt8], _ isWeak: Bool) throws {
        let bent = try Bent(.yubiKey4) { (command) throws(ChannelError) in
            command[1] == 0xFD ? version + [0x90, 0x00] : nil
        }
        #expect(try bent.token.isKnownWeak(Self.tokenKey) == isWeak)
        #expect(try !bent.token.isKnownWeak(ObjectReference(.privateKey, 0x9C)))
        let newer = try Bent(.yubiKey57)
        _ = try newer.token.present(among: [Self.tokenKey], areNamed: false)
        let sent = newer.card.sent.count
        #expect(try !newer.token.isKnownWeak(Self.tokenKey))
        #expect(newer.card.sent.count == sent)
    }

    /// Tag AC is for secure messaging: what it lists then is no list of keys. PivApplet has one tag for each algorithm.
    @Test(
        arguments: [
            ("AC06 800127 060100", []), ("AC06 80012E 060100", []), ("AC03 800103", []),
            ("AC06 800103 060100 AC06 800107 060100 AC06 800111 060100", [0x07, 0x11]),
            ("AC09 80010C 800107 800111", [0x07, 0x11]), ("AC", []), ("", []),
        ] as [(String, [UInt8])])
    func listsOfAlgorithms(_ text: String, _ expected: [UInt8]) throws {
        let digits = text.filter { $0 != " " }.compactMap(\.hexDigitValue)
        let lists = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let properties = ApplicationProperties(parsing: [UInt8](tag: 0x61, [0x4F, 0x02, 0xA0, 0x00] + lists))
        #expect(properties.algorithms == Set(expected.map { PIVAlgorithm(rawValue: $0) }))
    }

    /// PivApplet makes keys of what it lists, and its word on who made one is the wrong way round.
    @Test func aKeyIsMadeByPivApplet() throws {
        let bent = try Bent(#require(CardProfile(named: "pivapplet")), keys: [])
        try administrate(bent)
        #expect(try bent.token.keyAlgorithms(at: Self.tokenKey) == [.rsa(bits: 2048), .ec(.p256), .ec(.p384)])
        _ = try bent.token.generateKeyPair(.ec(.p256), at: Self.tokenKey, KeyRequest())
        #expect(try bent.token.policy(of: Self.tokenKey).origin == .unknown)
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// YubiKey Bio refuses a reset as long as a fingerprint is enrolled: PIN and PUK are not blocked for it.
    @Test func aResetThatTheCardRefusesIsAskedForBefore() throws {
        let bent = try Bent(#require(CardProfile(named: "yubikey-bio")), keys: Self.p256)
        #expect {
            try bent.token.reset(administratorSecret: nil)
        } throws: { error in
            guard case .failed(let text)? = error as? TokenError else { return false }
            return text.contains("fingerprint")
        }
        #expect(!bent.card.sent.contains { [0x2C, 0xFB].contains($0[1]) || $0[1] == 0x20 && $0.count > 5 })
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// What the search of a program costs that is not logged in: each key is asked about once, a card that does not tell is
    /// asked once in all.
    @Test(arguments: [(CardProfile.yubiKey57, 3, 3), (.plain, 1, 3)] as [(CardProfile, Int, Int)])
    func policiesAreLearntOnce(_ profile: CardProfile, _ questions: Int, _ commands: Int) throws {
        let bent = try Bent(profile)
        let hidden = [0x9A, 0x9C, 0x9D].map { ObjectReference(.privateKey, $0) }
        let sent = bent.card.sent.count
        for _ in 0..<2 { try bent.token.learnPolicies(of: hidden) }
        #expect(bent.card.sent.count { $0[1] == 0xF7 } == questions)
        // On a plain card the Discovery Object, in two parts, shows that it was PIV which refused.
        #expect(bent.card.sent.count - sent == commands)
    }

    /// The firmware stands in the token's fields once the card was asked for what depends on it.
    @Test func theFirmwareIsTold() throws {
        let bent = try Bent()
        #expect(try bent.token.information().firmwareVersion == .init(major: 0, minor: 0))
        _ = try bent.token.cardAlgorithms()
        let sent = bent.card.sent.count
        #expect(try bent.token.information().firmwareVersion == .init(major: 5, minor: 7))
        #expect(bent.card.sent.count == sent)
    }

    /// Who asks for an identity that lasts is told where a card has none.
    @Test(arguments: [(CardProfile.yubiKey57, false), (.plain, true)] as [(CardProfile, Bool)])
    func whatDoesNotLastIsTold(_ profile: CardProfile, _ isTold: Bool) throws {
        let token = try SimulatedToken(profile, identity: .card).token
        _ = try token.information()
        #expect(token.takeNotices().contains { $0.contains("no number that lasts") } == isTold)
        #expect(token.takeNotices().isEmpty)
    }
}

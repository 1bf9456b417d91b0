import HostCrypto
import ISO7816
import TestSupport
import Testing
import Token
import VirtualCard

@testable import PIV

/// What a card may answer in the place of what was asked for, and what other programs may have done meanwhile: nothing is
/// hidden by it that need not be, nobody is asked twice, and no PIN goes astray.
@Suite struct RefusalTests {
    private static let hash = [UInt8](repeating: 7, count: 32)

    /// The PIN goes only to an application that was selected right before, in the same transaction.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4, .plain, .plainGlobal])
    func thePINFollowsASelect(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        _ = try simulated.token.information()
        for _ in 0..<2 {
            simulated.channel.clearLog()
            // Whether it is the right one does not matter: the Global PIN is another.
            try? simulated.login()
            let commands = simulated.channel.log.map(\.command)
            let verify = try #require(commands.firstIndex { $0[1] == 0x20 && $0.count > 5 })
            #expect(commands[..<verify].contains { $0.starts(with: [0x00, 0xA4, 0x04]) })
            simulated.token.logout()
        }
    }

    /// Another application's word on which PIN is wanted is not taken: it is PIV that is asked.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKeyShort, .yubiKey4, .plain, .plainGlobal])
    func whichPINIsAskedOfPIV(_ profile: CardProfile) throws {
        let (simulated, card, token) = try intercepted(profile)
        var isTaken = true
        card.intercept = { (command) throws(ChannelError) in
            if command[1] == 0xA4 { isTaken = false }
            // A Discovery Object that prefers the other PIN.
            let other: UInt8 = profile == .plainGlobal ? 0x00 : 0x20
            return isTaken ? [0x7E, 0x05, 0x5F, 0x2F, 0x02, 0x60, other, 0x90, 0x00] : nil
        }
        let before = card.sent.count
        try? login(token)
        let commands = card.sent[before...].filter { $0[1] != 0xC0 }
        let wanted: UInt8 = profile == .plainGlobal ? 0x00 : 0x80
        #expect(commands.map { $0[1] } == (simulated.token.yubiKeyModel != nil ? [0xA4, 0x20] : [0xA4, 0xCB, 0x20]))
        #expect(commands.last?.prefix(4) == [0x00, 0x20, 0x00, wanted])
    }

    /// Another program resets the card, changes the PIN and verifies the new one: a login is not restored over it.
    @Test func aVerifiedCardIsNotVerifiedAgain() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.sign(0x9A)
        simulated.channel.meanwhile = { card in
            card.reset()
            _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
            let old = Array("123456".utf8) + [0xFF, 0xFF], new = Array("654321".utf8) + [0xFF, 0xFF]
            _ = card.process([0x00, 0x24, 0x00, 0x80, 0x10] + old + new)
            _ = card.process([0x00, 0x20, 0x00, 0x80, 0x08] + new)
            return .reset
        }
        simulated.channel.clearLog()
        _ = try simulated.sign(0x9A)
        #expect(!simulated.channel.log.contains { $0.command[1] == 0x20 && $0.command.count > 5 })
    }

    /// The same before the first use of a key that wants its PIN each time: the login's PIN would be sent once more.
    @Test func aLoginsPINIsNotSentOverAVerifiedOne() throws {
        let (simulated, card, token) = try intercepted(.yubiKey57, [.init(reference: 0x9C, algorithm: "p256")])
        try login(token)
        simulated.channel.meanwhile = { _ in .reset }
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0x20 && command.count < 6 ? [0x90, 0x00] : nil
        }
        let sent = card.pinsSent
        #expect(throws: TokenError.useNotAuthenticated) { try sign(token, 0x9C) }
        #expect(card.pinsSent == sent)
    }

    /// The last try is the user's, and the error says so.
    @Test(arguments: [([0x63, 0xC1], 1), ([0x63, 0xC0], 0), ([0x69, 0x83], 0)] as [([UInt8], Int)])
    func theLastTryIsNotRisked(_ status: [UInt8], _ left: Int) throws {
        let (simulated, card, token) = try intercepted(.yubiKey57)
        try login(token)
        simulated.channel.meanwhile = { _ in .reset }
        card.intercept = { (command) throws(ChannelError) in command[1] == 0x20 && command.count < 6 ? status : nil }
        let sent = card.pinsSent
        #expect(throws: TokenError.keptPINRefused(retriesLeft: left)) { try sign(token, 0x9A) }
        #expect(throws: TokenError.notLoggedIn) { try sign(token, 0x9A) }
        #expect(card.pinsSent == sent)
    }

    /// Where the card does not say how many tries there are, a kept PIN stays unsent.
    @Test(arguments: [[0x6A, 0x80], [0x69, 0x84], [0x63, 0x00], [0x6D, 0x00]] as [[UInt8]])
    func unknownTriesAreNotSpent(_ status: [UInt8]) throws {
        let (simulated, card, token) = try intercepted(.yubiKey57)
        try login(token)
        simulated.channel.card.reset()
        card.intercept = { (command) throws(ChannelError) in command[1] == 0x20 && command.count < 6 ? status : nil }
        let sent = card.pinsSent
        #expect(throws: TokenError.notLoggedIn) { try sign(token, 0x9A) }
        #expect(card.pinsSent == sent)
    }

    /// One container that cannot be read hides neither the token nor what else is on it.
    @Test(
        arguments: [[0x5F, 0xC1, 0x05], [0x5F, 0xC1, 0x02]] as [[UInt8]],
        [[0x6F, 0x00], [0x69, 0x85], [0x69, 0x82], [0x53, 0x82, 0x10, 0x90, 0x00]] as [[UInt8]])
    func aTokenIsShownWithoutOneContainer(_ container: [UInt8], _ answer: [UInt8]) throws {
        let (_, card, token) = try intercepted(.yubiKey57)
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0xCB && command.indices.contains { command[$0...].starts(with: container) } ? answer : nil
        }
        let information = try token.information()
        #expect(information.holdsKeys && !information.label.isEmpty)
    }

    /// A certificate whose key this module cannot use stands alone, and hides no key beside it.
    @Test func aKeyThatNobodyCanReadIsNotShown() throws {
        let certificate = try Self.certificateOnUnknownCurve()
        let simulated = try SimulatedToken(.plain, keys: [.init(reference: 0x9A, algorithm: "p256")])
        try simulated.loginAdministrator()
        try simulated.token.write(certificate, to: ObjectReference(.certificate, 0x9D))
        let all = [0x9A, 0x9D].flatMap { key in
            [ObjectReference.Kind.certificate, .publicKey, .privateKey].map { ObjectReference($0, key) }
        }
        #expect(try simulated.token.present(among: all, areNamed: true) == Array(all[..<4]))
    }

    /// The same certificate beside a key of which the card tells by itself: there is a public key to be had.
    @Test(arguments: [ObjectReference.Kind.publicKey, .privateKey])
    func theCardsMetadataShowTheKey(_ kind: ObjectReference.Kind) throws {
        let simulated = try SimulatedToken(
            keys: [.init(reference: 0x9D, algorithm: "rsa2048", certificate: .none)]
        ) { $0.addObject(tag: 0x5FC10B, CertificateContainer.value(for: try Self.certificateOnUnknownCurve())) }
        let key = ObjectReference(kind, 0x9D), certificate = ObjectReference(.certificate, 0x9D)
        #expect(try simulated.token.present(among: [certificate, key], areNamed: false) == [certificate, key])
        _ = try simulated.token.subjectPublicKeyInfo(of: key)
    }

    /// A point that is on no curve is no public key: where the card tells such a one, the certificate's counts.
    @Test(arguments: [CardBuilder.CertificatePlan.plain, .none])
    func metadataOfNoPointAreNoKey(_ plan: CardBuilder.CertificatePlan) throws {
        let key = CardBuilder.KeyPlan(reference: 0x9A, algorithm: "p256", certificate: plan)
        let (_, card, token) = try intercepted(.yubiKey57, [key])
        let point = [0x04] + [UInt8](repeating: 1, count: 64)
        let metadata = [0x01, 0x01, 0x11] + [UInt8](tag: 0x04, children: [UInt8](tag: 0x86, point)) + [0x90, 0x00]
        card.intercept = { (command) throws(ChannelError) in command[1] == 0xF7 ? metadata : nil }
        let keys = [ObjectReference.Kind.privateKey, .publicKey].map { ObjectReference($0, 0x9A) }
        #expect(try token.present(among: keys, areNamed: false) == (plan == .plain ? keys : []))
        if plan == .plain { _ = try token.subjectPublicKeyInfo(of: keys[0]) }
    }

    /// Nobody touches a key that asks for no PIN: the person is asked once, and no login has ended.
    @Test(arguments: [[0x69, 0x82], [0x69, 0x85]] as [[UInt8]])
    func aMissingTouchIsAskedForOnce(_ status: [UInt8]) throws {
        let (_, card, token) = try intercepted(
            .yubiKey57,
            [.init(reference: 0x9E, algorithm: "p256", pinPolicy: .never, touchPolicy: .always)])
        try login(token)
        card.intercept = { (command) throws(ChannelError) in command[1] == 0x87 ? status : nil }
        #expect(throws: TokenError.userActionMissing) { try sign(token, 0x9E) }
        #expect(card.sent.count { $0[1] == 0x87 } == 1)
    }

    /// What cards answer to VERIFY beside what SP 800-73 names: it is a failure of the login, and of nothing else.
    @Test(
        arguments: [[0x6A, 0x81], [0x6A, 0x88], [0x69, 0x82], [0x69, 0x85], [0x69, 0x84], [0x6D, 0x00]] as [[UInt8]])
    func aRefusedLoginIsAFailure(_ status: [UInt8]) throws {
        let (_, card, token) = try intercepted(.yubiKey57)
        card.intercept = { (command) throws(ChannelError) in command[1] == 0x20 && command.count > 5 ? status : nil }
        #expect {
            try login(token)
        } throws: { error in
            guard case .failed(let text)? = error as? TokenError else { return false }
            return text.contains("VERIFY")
        }
    }

    /// A card that fails for once is not a card without PIV.
    @Test(
        arguments: [([0x6F, 0x00], true), ([0x64, 0x00], true), ([0x6A, 0x82], false), ([0x69, 0x99], false)]
            as [([UInt8], Bool)])
    func aFailureIsNoAbsence(_ status: [UInt8], _ isFailure: Bool) throws {
        let card = InterceptedCard(try SimulatedToken(keys: []).channel)
        card.intercept = { (command) throws(ChannelError) in command[1] == 0xA4 ? status : nil }
        if isFailure {
            #expect(throws: TokenError.self) { try PIVToken.open(Card(channel: card)) }
        } else {
            #expect(try PIVToken.open(Card(channel: card)) == nil)
        }
    }

    /// A card that is no YubiKey has another command in the place of GET METADATA.
    @Test(arguments: [[0x90, 0x00], [0x01, 0x02, 0x90, 0x00]] as [[UInt8]])
    func anotherCommandIsNoMetadata(_ answer: [UInt8]) throws {
        let (_, card, token) = try intercepted(.plain)
        card.intercept = { (command) throws(ChannelError) in command[1] == 0xF7 ? answer : nil }
        let key = ObjectReference(.privateKey, 0x9A)
        #expect(try token.present(among: [key], areNamed: false) == [key])
    }

    /// A certificate on a curve that no card of this module has (P-224).
    private static func certificateOnUnknownCurve() throws -> [UInt8] {
        let folder = try TemporaryDirectory(prefix: "martlet-p224")
        let key = folder.file("key.pem")
        try Tool.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1", "-out", key]
        ).checked()
        return try Tool.run(
            ["openssl", "req", "-x509", "-new", "-key", key, "-subj", "/CN=p224", "-outform", "DER"]
        ).checked().output
    }

    private func intercepted(
        _ profile: CardProfile, _ keys: [CardBuilder.KeyPlan] = [.init(reference: 0x9A, algorithm: "p256")]
    ) throws -> (SimulatedToken, InterceptedCard, PIVToken) {
        let simulated = try SimulatedToken(profile, keys: keys)
        let card = InterceptedCard(simulated.channel)
        return (simulated, card, try #require(try PIVToken.open(Card(channel: card))))
    }

    private func login(_ token: PIVToken) throws {
        let pin = Array(SimulatedToken.pin.utf8)
        try token.login(pin: pin.span.bytes)
    }

    private func sign(_ token: PIVToken, _ key: UInt32) throws {
        _ = try token.sign(with: ObjectReference(.privateKey, key), input: Self.hash, authorization: nil)
    }
}

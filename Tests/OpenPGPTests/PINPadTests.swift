import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// PW1 and PW3 typed on the reader's keys.
@Suite struct PINPadTests {
    private let card: SimulatedOpenPGPCard
    private let token: OpenPGPToken
    private let pad: VirtualPINPad

    init() throws {
        card = try SimulatedOpenPGPCard(
            keys: ["sig", "aut"].map { CardBuilder.OpenPGPKeyPlan(slot: $0, algorithm: "ed25519") })
        card.channel.card.setSignaturesPerPIN(1)
        token = try card.another()
        pad = card.channel.addPINPad()
    }

    private var keys: any TokenPINPad { get throws { try #require(try token.pinPad()) } }

    private func sign(_ key: UInt32, _ authorization: (any UseAuthorization)? = nil) throws {
        let place = SimulatedOpenPGPCard.place(key)
        let publicKey = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: place))
        let message: [UInt8] = [1, 2, 3]
        let signature = try token.sign(with: place, input: message, authorization: authorization)
        #expect(try publicKey.verifyEdDSA(signature, message: message))
    }

    /// What was asked for: P2 of each command.
    private var asked: [UInt8] { pad.entries.map(\.header.p2) }

    /// The reader of the card's other modes (81, 82, 83) is asked, once each.
    @Test func eachModeIsTypedOnce() throws {
        pad.acts = Array(repeating: .types(["123456"]), count: 2) + [.types(["12345678"])]
        try keys.login()
        for _ in 0..<2 { try sign(3) }
        #expect(asked == [0x82])
        // PW1 has a state of its own for signatures, for which the card wants it once more.
        for _ in 0..<2 { try sign(1) }
        #expect(asked == [0x82, 0x81])
        try keys.loginAdministrator()
        #expect(asked == [0x82, 0x81, 0x83])
        #expect(pad.entries.allSatisfy { $0.header.ins == 0x20 && $0.secrets == .current && $0.blockSize == nil })
        #expect(pad.entries.map(\.lengths.lowerBound) == [6, 6, 8])
        #expect(card.channel.log.allSatisfy { $0.command.count <= 5 || $0.command[1] != 0x20 })
    }

    /// PW1 valid for one signature: the reader asks for each.
    @Test func eachSignatureIsAskedFor() throws {
        card.channel.card.setSignaturesPerPIN(0)
        pad.acts = Array(repeating: .types(["123456"]), count: 3)
        try keys.login()
        for count in [1, 2] {
            let permission = try keys.authenticate(forUseOf: SimulatedOpenPGPCard.place(1))
            try sign(1, permission)
            #expect(asked == [0x82] + Array(repeating: 0x81, count: count))
            #expect(throws: TokenError.useNotAuthenticated) { try sign(1) }
        }
        try sign(3)
    }

    @Test(
        arguments: [
            (VirtualPINPad.Act.cancels, TokenError.pinEntryEnded, 3), (.types(["12345"]), .pinLengthOutOfRange, 3),
            (.types(["654321"]), .pinIncorrect(retriesLeft: 2), 2),
        ])
    func whatGoesWrong(_ act: VirtualPINPad.Act, _ error: TokenError, _ left: Int) throws {
        pad.acts = [act]
        let keys = try keys
        #expect(throws: error) { try keys.login() }
        #expect(throws: TokenError.notLoggedIn) { try sign(3) }
        #expect(try card.another().pinStatus().retriesLeft == left)
        #expect(pad.entries.count == 1)
    }

    /// A wrong PIN, or none, typed when a signature asks for it: the signature fails, and a wrong one ends the login.
    @Test(arguments: [
        (VirtualPINPad.Act.cancels, TokenError.pinEntryEnded, true), (.types(["654321"]), .notLoggedIn, false),
    ])
    func aSignatureMayBeRefused(_ act: VirtualPINPad.Act, _ error: TokenError, _ staysLoggedIn: Bool) throws {
        pad.acts = [.types(["123456"]), act]
        try keys.login()
        #expect(throws: error) { try sign(1) }
        if staysLoggedIn { try sign(3) } else { #expect(throws: TokenError.notLoggedIn) { try sign(3) } }
        #expect(asked == [0x82, 0x81])
    }

    @Test(arguments: [CardContinuity.reset, .kept]) func aLoginThatTheCardForgotIsOver(_ told: CardContinuity) throws {
        pad.acts = [.types(["123456"]), .types(["123456"]), .types(["123456"])]
        try keys.login()
        try sign(1)
        card.channel.meanwhile = { card in
            card.reset()
            return told
        }
        for key in [3, 1] as [UInt32] { #expect(throws: TokenError.notLoggedIn) { try sign(key) } }
        card.channel.meanwhile = nil
        #expect(asked == [0x82, 0x81])
        try keys.login()
        try sign(3)
    }

    @Test func passwordsAreChanged() throws {
        pad.acts = [
            .types(["123456", "abcdef", "abcdef"]), .types(["12345678", "87654321", "87654321"]),
            .types(["87654321"]), .types(["newpin", "newpin"]), .types(["newpin"]),
        ]
        try keys.changePIN()
        try keys.changeAdministratorSecret()
        try keys.loginAdministrator()
        try keys.initializePIN()
        token.logout()
        try keys.login()
        try sign(3)
        #expect(pad.entries.map(\.header.ins) == [0x24, 0x24, 0x20, 0x2C, 0x20])
        #expect(asked == [0x81, 0x83, 0x83, 0x81, 0x82])
        #expect(pad.entries.map(\.secrets) == [.currentAndNew, .currentAndNew, .current, .new, .current])
    }

    /// The resetting code, then the new PW1.
    @Test func aBlockedPasswordIsUnblocked() throws {
        pad.acts = [.types(["12345678"])] + Array(repeating: .types(["654321"]), count: 3)
        try keys.loginAdministrator()
        let code = Array("55555555".utf8)
        try token.changeUnblockingCode(from: nil, to: code.span.bytes)
        token.logout()
        let keys = try keys
        for _ in 0..<3 { #expect(throws: TokenError.self) { try keys.login() } }
        pad.acts = [.types(["55555555", "111111", "111111"]), .types(["111111"])]
        try keys.unblockPIN()
        #expect(pad.entries.last?.header == CommandHeader(ins: 0x2C, p1: 0, p2: 0x81))
        try keys.login()
    }

    /// Who wants to change a PIN that is blocked may type the old one: the last try of the resetting code is not for that, nor
    /// is a code asked for that nobody has set.
    @Test(arguments: [0, 1, 2, 3]) func aBlockedPasswordLeavesTheLastTryOfTheCode(_ tries: Int) throws {
        let (user, code, wrong) = (Array("654321".utf8), Array("55555555".utf8), Array("00000000".utf8))
        try token.loginAdministrator("12345678")
        if tries > 0 { try token.changeUnblockingCode(from: nil, to: code.span.bytes) }
        token.logout()
        for _ in 0..<max(0, 3 - max(tries, 1)) where tries > 0 {
            #expect(throws: TokenError.self) { try token.unblockPIN(with: wrong.span.bytes, to: user.span.bytes) }
        }
        for _ in 0..<3 { #expect(throws: TokenError.self) { try token.login("999999") } }
        pad.acts = [.types(["55555555", "111111", "111111"])]
        let keys = try keys
        if tries > 1 {
            try keys.unblockBlockedPIN()
            try card.another().login("111111")
        } else {
            #expect(throws: TokenError.pinBlocked) { try keys.unblockBlockedPIN() }
            #expect(pad.entries.isEmpty)
            #expect(try card.another().unblockingStatus().retriesLeft == tries)
        }
    }

    /// Another program has unblocked it meanwhile: then it is changed.
    @Test func aPasswordThatIsNotBlockedAnyMoreIsChanged() throws {
        pad.acts = [.types(["123456", "111111", "111111"])]
        try keys.unblockBlockedPIN()
        #expect(pad.entries.map(\.header.ins) == [0x24])
        try card.another().login("111111")
    }

    /// A reader sends what is typed: not what a card wants that has PINs hashed.
    @Test func aCardThatWantsHashesHasNoUseForKeys() throws {
        #expect(try token.pinPad() != nil)
        pad.acts = [.types(["12345678"])]
        try keys.loginAdministrator()
        // KDF_ITERSALTED_S2K with SHA-256 (OpenPGP card 3.4.1, section 4.3.2).
        var derivation: [UInt8] = [0x81, 0x01, 0x03, 0x82, 0x01, 0x08, 0x83, 0x04, 0x00, 0x00, 0x10, 0x00]
        derivation += [0x84, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(
            card.channel.card.process([0x00, 0xDA, 0x00, 0xF9, UInt8(derivation.count)] + derivation) == [0x90, 0x00])
        #expect(try card.another().pinPad() == nil)
    }
}

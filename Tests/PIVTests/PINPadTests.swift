import ISO7816
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import PIV

/// The PIN typed on the reader's keys: no program sees it, and none keeps it.
@Suite struct PINPadTests {
    private let simulated: SimulatedToken
    private let pad: VirtualPINPad

    init() throws {
        simulated = try SimulatedToken()
        pad = simulated.channel.addPINPad()
    }

    private var keys: any TokenPINPad { get throws { try #require(try simulated.token.pinPad()) } }
    private func authenticate() throws -> any UseAuthorization {
        try keys.authenticate(forUseOf: ObjectReference(.privateKey, 0x9C))
    }

    private var triesLeft: Int? { get throws { try simulated.another().token.pinStatus().retriesLeft } }

    @Test func aReaderWithoutKeysHasNoPad() throws {
        #expect(try SimulatedToken().token.pinPad() == nil)
        pad.abilities = .modify
        #expect(try simulated.token.pinPad() == nil)
    }

    /// SP 800-73-5 part 2, section 3.2.1: 00 20 00 80 with eight bytes, filled up with FF.
    @Test func theReaderVerifiesThePIN() throws {
        pad.acts = [.types(["123456"])]
        try keys.login()
        #expect(
            pad.entries == [
                PINEntry(CommandHeader(ins: 0x20, p1: 0, p2: 0x80), .current, lengths: 6...8, blockSize: 8)
            ])
        for _ in 0..<3 { #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A)) }
        #expect(simulated.channel.log.allSatisfy { $0.command.count <= 5 || $0.command[1] != 0x20 })
        #expect(pad.entries.count == 1)
    }

    @Test(
        arguments: [
            (VirtualPINPad.Act.cancels, TokenError.pinEntryEnded, 3),
            (.types(["12345"]), .pinLengthOutOfRange, 3), (.types(["123456789"]), .pinLengthOutOfRange, 3),
            (.types(["654321"]), .pinIncorrect(retriesLeft: 2), 2),
        ])
    func whatGoesWrong(_ act: VirtualPINPad.Act, _ error: TokenError, _ left: Int) throws {
        pad.acts = [act]
        let keys = try keys
        #expect(throws: error) { try keys.login() }
        #expect(throws: TokenError.notLoggedIn) { try simulated.sign(0x9A) }
        #expect(try triesLeft == left)
        #expect(pad.entries.count == 1)
    }

    @Test func threeWrongPINsBlockIt() throws {
        let keys = try keys
        pad.acts = Array(repeating: .types(["654321"]), count: 3) + [.types(["123456"])]
        for left in [2, 1] { #expect(throws: TokenError.pinIncorrect(retriesLeft: left)) { try keys.login() } }
        #expect(throws: TokenError.pinBlocked) { try keys.login() }
        #expect(throws: TokenError.pinBlocked) { try keys.login() }
    }

    /// Nothing brings the login back but the person: not even a question of the reader's that nobody expects.
    @Test(arguments: Interference.allCases)
    func aLoginThatTheCardForgotIsOver(_ interference: Interference) throws {
        pad.acts = [.types(["123456"]), .types(["123456"])]
        try keys.login()
        _ = try simulated.sign(0x9A)
        simulated.channel.meanwhile = interference.act(on:)
        guard interference != .nothing else {
            _ = try simulated.sign(0x9A)
            return
        }
        for _ in 0..<2 { #expect(throws: TokenError.notLoggedIn) { try simulated.sign(0x9A) } }
        #expect(pad.entries.count == 1)
        simulated.channel.meanwhile = nil
        try keys.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
        #expect(try triesLeft == 3)
    }

    /// The first use after the login is covered by it; each further one is asked for on the reader.
    @Test func eachUseIsAskedForOnTheReader() throws {
        pad.acts = Array(repeating: .types(["123456"]), count: 3)
        try keys.login()
        #expect(try simulated.verifies(simulated.sign(0x9C, authenticate()), 0x9C))
        #expect(pad.entries.count == 1)
        #expect(throws: TokenError.useNotAuthenticated) { try simulated.sign(0x9C) }
        for count in [2, 3] {
            #expect(try simulated.verifies(simulated.sign(0x9C, authenticate()), 0x9C))
            #expect(pad.entries.count == count)
        }
        let keys = try keys
        #expect(throws: TokenError.pinEntryEnded) {
            try keys.authenticate(forUseOf: ObjectReference(.privateKey, 0x9C))
        }
        // The login stands all the same.
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// MARTLET_EACH_USE=login: there is no PIN to be given again, so the reader asks.
    @Test func theLoginServesEachUseOnTheReader() throws {
        pad.acts = Array(repeating: .types(["123456"]), count: 2)
        try keys.login()
        for count in [1, 2] {
            let permission = try simulated.token.authenticateWithLogin(forUseOf: ObjectReference(.privateKey, 0x9C))
            #expect(try simulated.verifies(simulated.sign(0x9C, permission), 0x9C))
            #expect(pad.entries.count == count)
        }
        let permission = try simulated.token.authenticateWithLogin(forUseOf: ObjectReference(.privateKey, 0x9C))
        #expect(throws: TokenError.pinEntryEnded) { try simulated.sign(0x9C, permission) }
    }

    @Test(
        arguments: [
            (["123456", "87654321", "87654321"], nil), (["123456", "87654321", "87654322"], .newPINsDiffer),
            (["654321", "87654321", "87654321"], .pinIncorrect(retriesLeft: 2)),
            (["123456", "1234", "1234"], .pinLengthOutOfRange),
        ] as [([String], TokenError?)])
    func thePINIsChanged(_ words: [String], _ error: TokenError?) throws {
        pad.acts = [.types(words)]
        let keys = try keys
        if let error {
            #expect(throws: error) { try keys.changePIN() }
            pad.acts = [.types(["123456"])]
        } else {
            try keys.changePIN()
            pad.acts = [.types([words[1]])]
        }
        #expect(pad.entries[0].header == CommandHeader(ins: 0x24, p1: 0, p2: 0x80))
        try keys.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    @Test(arguments: [false, true]) func thePINIsUnblocked(_ byOfficer: Bool) throws {
        let keys = try keys
        pad.acts = Array(repeating: .types(["654321"]), count: 3)
        for _ in 0..<3 { #expect(throws: TokenError.self) { try keys.login() } }
        pad.acts = [.types(["12345678", "111111", "111111"]), .types(["111111"])]
        if byOfficer { try keys.initializePIN() } else { try keys.unblockPIN() }
        #expect(pad.entries.last?.header == CommandHeader(ins: 0x2C, p1: 0, p2: 0x80))
        try keys.login()
    }

    /// Who wants to change a PIN that is blocked types the old one for the PUK: the last try of that is not spent so.
    @Test func aBlockedPINLeavesTheLastTryOfThePUK() throws {
        let keys = try keys
        pad.acts = Array(repeating: .types(["654321"]), count: 3)
        for _ in 0..<3 { #expect(throws: TokenError.self) { try keys.login() } }
        let other = try simulated.another()
        for _ in 0..<2 {
            #expect(throws: TokenError.self) { try SecretTests.unblock(other.token, "00000000", "222222") }
        }
        let count = pad.entries.count
        #expect(throws: TokenError.pinBlocked) { try keys.unblockBlockedPIN() }
        #expect(pad.entries.count == count)
        #expect(try other.token.unblockingStatus().retriesLeft == 1)
    }

    /// The management key has no digits, and a card compares the PUK only where it is used.
    @Test func theAdministratorsSecretIsNotTyped() throws {
        let keys = try keys
        #expect(throws: TokenError.unsupported) { try keys.loginAdministrator() }
        #expect(throws: TokenError.unsupported) { try keys.changeAdministratorSecret() }
        #expect(pad.entries.isEmpty)
    }
}

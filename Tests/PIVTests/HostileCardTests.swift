import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// What a card that is none may answer to the administrator's login: it is refused, and nothing traps.
@Suite struct HostileCardTests {
    private static let success: [UInt8] = [0x90, 0x00]
    private static let block = [UInt8](repeating: 0x5A, count: 16)

    /// Answers to the first and the second step, and what becomes of the login.
    static let answers: [(first: [UInt8]?, second: [UInt8]?)] = [
        ([0x90], nil), (success, nil), ([0x7C, 0x00] + success, nil), ([0x7C, 0x02, 0x80, 0x00] + success, nil),
        ([0x7C, 0x0A, 0x80, 0x08] + block.prefix(8) + success, nil), ([0x7C, 0x12, 0x80, 0x10] + success, nil),
        ([0x7C, 0x12, 0x81, 0x10] + block + success, nil), ([0x7C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF] + success, nil),
        ([0xFF], nil), ([0x80, 0x10] + block + success, nil),
        ([0x7C, 0x13, 0x80, 0x11] + block + [0x00] + success, nil),
        ([0x7C, 0x22, 0x80, 0x20] + block + block + success, nil),
        // It lets us in, and cannot show that it knows the key.
        (nil, success), (nil, [0x7C, 0x00] + success), (nil, [0x7C, 0x02, 0x82, 0x00] + success),
        (nil, [0x7C, 0x12, 0x82, 0x10] + block + success), (nil, [0x7C, 0x12, 0x80, 0x10] + block + success),
        (nil, [0x7C, 0x0A, 0x82, 0x08] + block.prefix(8) + success), ([0x7C, 0x12, 0x80, 0x10] + block + success, nil),
    ]

    @Test(arguments: answers.indices)
    func isNotBelieved(_ index: Int) throws {
        let simulated = try SimulatedToken(keys: [])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        var step = 0
        card.intercept = { (command) throws(ChannelError) in
            guard command[1] == 0x87 else { return nil }
            step += 1
            return step == 1 ? Self.answers[index].first : Self.answers[index].second
        }
        let key = Array(SimulatedToken.managementKey.utf8)
        #expect(throws: TokenError.self) { try token.loginAdministrator(secret: key.span.bytes) }
        // What is no witness is not answered: the last of these is one.
        let isAnswered = Self.answers[index].first == nil || index == Self.answers.indices.last
        #expect(step == (isAnswered ? 2 : 1))
        card.intercept = { _ in nil }
        let sent = card.sent.count
        #expect(throws: TokenError.notLoggedIn) {
            try token.write(AdministratorTests.value, to: AdministratorTests.object)
        }
        #expect(!card.sent[sent...].contains { $0[1] == 0xDB })
    }

    /// Each refusal of a step, and its meaning.
    @Test(
        arguments: [
            (1, [0x6A, 0x86], .pinIncorrect(retriesLeft: nil)), (1, [0x69, 0x82], .unsupported),
            (1, [0x6D, 0x00], .unsupported), (1, [0x6A, 0x88], .unsupported), (2, [0x69, 0x83], .pinBlocked),
            (2, [0x69, 0x82], .pinIncorrect(retriesLeft: nil)), (2, [0x63, 0x00], .pinIncorrect(retriesLeft: nil)),
            (2, [0x63, 0xC4], .pinIncorrect(retriesLeft: 4)), (2, [0x69, 0x85], .userActionMissing),
            (2, [0x6A, 0x80], .pinIncorrect(retriesLeft: nil)),
        ] as [(Int, [UInt8], TokenError)])
    func refusalsHaveTheirMeaning(_ refused: Int, _ status: [UInt8], _ expected: TokenError) throws {
        let simulated = try SimulatedToken(keys: [])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        var step = 0
        card.intercept = { (command) throws(ChannelError) in
            guard command[1] == 0x87 else { return nil }
            step += 1
            return step == refused ? status : nil
        }
        let key = Array(SimulatedToken.managementKey.utf8)
        #expect(throws: expected) { try token.loginAdministrator(secret: key.span.bytes) }
    }

    /// No trace shows both a block and its encryption, the key, or what is behind the PIN.
    @Test func theTraceKeepsTheSecrets() throws {
        let simulated = try SimulatedToken(keys: []) { ProtectedKeyTests.protect(&$0) }
        let lines = Lines()
        let card = Card(channel: simulated.channel, trace: CardTrace { lines.add($0) })
        let token = try #require(try PIVToken.open(card))
        let pin = Array(SimulatedToken.pin.utf8)
        try token.login(pin: pin.span.bytes)
        try token.write(AdministratorTests.value, to: AdministratorTests.object)
        _ = try? token.value(of: ObjectReference(.data, 0x5FC109))
        let text = lines.text
        #expect(text.contains("DB3FFF"))
        #expect(!text.contains("313233343536") && !text.contains("0102030405060708"))
        #expect(text.matches(of: /> 00870A9B \[\d+ bytes, secret\]/).count == 1)
        #expect(text.matches(of: /< \[\d+ bytes, secret\] 9000/).count >= 3)
    }
}

/// Lines of a trace.
private final class Lines: @unchecked Sendable {
    private(set) var text = ""

    func add(_ line: String) { text += line + "\n" }
}

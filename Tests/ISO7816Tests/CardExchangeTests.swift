import ISO7816
import Testing

/// One command of the application and what crosses the wire for it.
struct Dialogue: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var atr = ScriptedChannel.shortATR
    var limits = ChannelLimits(transmissionProtocol: .t1)
    let command: CommandAPDU
    let steps: [(String, String)]
    let answer: String

    static let getData = CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF)

    static let all: [Dialogue] = [
        Dialogue(
            testDescription: "case 2, short", command: CommandAPDU(header: getData, ne: 256),
            steps: [("00CB3FFF00", "01029000")], answer: "01029000"),
        Dialogue(
            testDescription: "long answer in pieces, the last with its own length",
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [
                ("00CB3FFF025C0000", run(0xAA, 256) + "6100"), ("00C0000000", run(0xBB, 256) + "6103"),
                ("00C0000003", "CCCCCC9000"),
            ], answer: run(0xAA, 256) + run(0xBB, 256) + "CCCCCC9000"),
        Dialogue(
            testDescription: "a status word after pieces is the answer's",
            command: CommandAPDU(header: getData, ne: 256),
            steps: [("00CB3FFF00", "016101"), ("00C0000001", "6F00")], answer: "016F00"),
        Dialogue(
            testDescription: "extended length where the card says so", atr: ScriptedChannel.extendedATR,
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [("00CB3FFF0000025C000000", run(0xAA, 300) + "9000")], answer: run(0xAA, 300) + "9000"),
        Dialogue(
            testDescription: "short where an extended command would say no more", atr: ScriptedChannel.extendedATR,
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 256),
            steps: [("00CB3FFF025C0000", "9000")], answer: "9000"),
        Dialogue(
            testDescription: "a reader that carries short APDUs only", atr: ScriptedChannel.extendedATR,
            limits: ChannelLimits(transmissionProtocol: .t1, maximumCommandSize: 261),
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [("00CB3FFF025C0000", "9000")], answer: "9000"),
        Dialogue(
            testDescription: "6700 to the extended form: the short one", atr: ScriptedChannel.extendedATR,
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [("00CB3FFF0000025C000000", "6700"), ("00CB3FFF025C0000", "9000")], answer: "9000"),
        Dialogue(
            testDescription: "chaining",
            command: CommandAPDU(
                header: CommandHeader(ins: 0x87, p1: 7, p2: 0x9A), data: [UInt8](repeating: 1, count: 300), ne: 256),
            steps: [("1087079AFF" + run(1, 255), "9000"), ("0087079A2D" + run(1, 45) + "00", "AA9000")],
            answer: "AA9000"),
        Dialogue(
            testDescription: "a chain that the card refuses stops",
            command: CommandAPDU(
                header: CommandHeader(ins: 0x87, p1: 7, p2: 0x9A), data: [UInt8](repeating: 1, count: 300), ne: 256),
            steps: [("1087079AFF" + run(1, 255), "6884")], answer: "6884"),
        Dialogue(
            testDescription: "255 bytes are no chain",
            command: CommandAPDU(
                header: CommandHeader(ins: 0x87, p1: 7, p2: 0x9A), data: [UInt8](repeating: 1, count: 255)),
            steps: [("0087079AFF" + run(1, 255), "9000")], answer: "9000"),
        Dialogue(
            testDescription: "wrong Le", command: CommandAPDU(header: getData, ne: 256),
            steps: [("00CB3FFF00", "6C02"), ("00CB3FFF02", "01029000")], answer: "01029000"),
        Dialogue(
            testDescription: "wrong Le twice is an answer", command: CommandAPDU(header: getData, ne: 256),
            steps: [("00CB3FFF00", "6C02"), ("00CB3FFF02", "6C02")], answer: "6C02"),
        Dialogue(
            testDescription: "wrong Le of an extended command", atr: ScriptedChannel.extendedATR,
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [("00CB3FFF0000025C000000", "6C02"), ("00CB3FFF0000025C000002", "01029000")], answer: "01029000"),
        Dialogue(
            testDescription: "wrong Le of an extended command twice is an answer", atr: ScriptedChannel.extendedATR,
            command: CommandAPDU(header: getData, ne: 65_536),
            steps: [("00CB3FFF000000", "6C00"), ("00CB3FFF000100", "6C00")], answer: "6C00"),
        Dialogue(
            testDescription: "wrong Le of GET RESPONSE", command: CommandAPDU(header: getData, ne: 256),
            steps: [("00CB3FFF00", "6105"), ("00C0000005", "6C02"), ("00C0000002", "01029000")], answer: "01029000"),
        Dialogue(
            testDescription: "T=0: data and no Le", limits: ChannelLimits(transmissionProtocol: .t0),
            command: CommandAPDU(header: getData, data: [0x5C, 0x00], ne: 65_536),
            steps: [("00CB3FFF025C00", "6102"), ("00C0000002", "01029000")], answer: "01029000"),
        Dialogue(
            testDescription: "T=0: neither data nor an answer, and five bytes all the same",
            limits: ChannelLimits(transmissionProtocol: .t0),
            command: CommandAPDU(header: CommandHeader(ins: 0x20, p1: 0, p2: 0x80)),
            steps: [("0020008000", "63C3")], answer: "63C3"),
        Dialogue(
            testDescription: "T=0 never extended", atr: ScriptedChannel.extendedATR,
            limits: ChannelLimits(transmissionProtocol: .t0), command: CommandAPDU(header: getData, ne: 65_536),
            steps: [("00CB3FFF00", "9000")], answer: "9000"),
    ]
}

@Suite struct CardExchangeTests {
    @Test(arguments: Dialogue.all)
    func sendsWhatTheCardNeeds(_ dialogue: Dialogue) throws {
        let channel = ScriptedChannel(
            dialogue.steps.map { .init($0.0, $0.1) }, atr: dialogue.atr, limits: dialogue.limits)
        let answer = try Card(channel: channel).transaction { exchange in
            Result { () throws(ChannelError) in try sending(dialogue.command, over: exchange) }
        }.get()
        #expect(hex(answer.encoded) == dialogue.answer)
        #expect(channel.sent == dialogue.steps.map(\.0))
    }

    @Test(arguments: [
        // An answer that never ends: sixteen empty pieces are too many, and full ones up to 64 KiB are not.
        ("6100", ChannelError.answerTooLong, 1 + 17), (run(0xAA, 256) + "6100", .answerTooLong, 1 + 256),
        ("90", .malformedAnswer, 1), ("", .malformedAnswer, 1), (run(0xAA, 70_000) + "9000", .answerTooLong, 1),
    ])
    func endlessGETRESPONSEIsGivenUp(_ answer: String, _ expected: ChannelError, _ commands: Int) {
        let channel = ScriptedChannel([], endless: answer)
        #expect(throws: expected) {
            try Card(channel: channel).transaction { exchange in
                Result { () throws(ChannelError) in
                    try sending(CommandAPDU(header: Dialogue.getData, ne: 65_536), over: exchange)
                }
            }.get()
        }
        #expect(channel.sent.count == commands)
    }

    /// A secret command goes out once, whatever the card says of its Le; the rest of its answer may be asked for twice.
    @Test(
        arguments: [
            ([0x31, 0x32], 256, [("0020008002313200", "6C02")], "6C02"),
            ([], 257, [("00200080000101", "6C02")], "6C02"), ([], 0, [("00200080", "6102")] + rest, "01029000"),
        ] as [([UInt8], Int, [(String, String)], String)])
    func aSecretCommandIsSentOnce(_ data: [UInt8], _ ne: Int, _ steps: [(String, String)], _ answer: String) throws {
        // A command that only reads has gone through in the extended form.
        let proof = ("00CB3FFF000000", "9000")
        let channel = ScriptedChannel(([proof] + steps).map { .init($0.0, $0.1) }, atr: ScriptedChannel.extendedATR)
        let got = try Card(channel: channel).transaction { exchange in
            Result { () throws(ChannelError) in
                _ = try exchange.send(Dialogue.getData, ne: 65_536)
                let header = CommandHeader(ins: 0x20, p1: 0, p2: 0x80)
                return try exchange.send(header, secret: data.span.bytes, ne: ne)
            }
        }.get()
        #expect(hex(got.encoded) == answer)
        #expect(channel.isAtEnd)
    }

    private static let rest = [("00C0000002", "6C01"), ("00C0000001", "01029000")]

    @Test func selectingAnotherApplicationEndsTheEpoch() throws {
        let channel = ScriptedChannel([], endless: "9000")
        let epochs = try Card(channel: channel).transaction { exchange in
            Result { () throws(ChannelError) in
                var epochs: [UInt64] = []
                for name in [[1], [1], [2], [1]] as [[UInt8]] {
                    _ = try exchange.select(name)
                    epochs.append(exchange.epoch)
                }
                return epochs
            }
        }.get()
        #expect(epochs == [1, 1, 2, 3])
    }

    /// A reset by another program takes the selected application away, and with it what was verified.
    @Test func aResetEndsTheEpoch() throws {
        let channel = ScriptedChannel([], endless: "9000"), card = Card(channel: channel)
        func state(_ name: [UInt8]? = nil) throws -> (selected: [UInt8]?, epoch: UInt64) {
            try card.transaction { exchange in
                Result { () throws(ChannelError) in
                    if let name { _ = try exchange.select(name) }
                    return (exchange.selectedApplication, exchange.epoch)
                }
            }.get()
        }
        #expect(try state([1, 2]) == ([1, 2], 1))
        #expect(try state() == ([1, 2], 1))
        channel.continuity = .reset
        #expect(try state() == (nil, 2))
        #expect(try state([1, 2]) == ([1, 2], 4))
        channel.continuity = .kept
        #expect(try state() == ([1, 2], 4))
    }

    /// Where an answer shows that another program has selected something else, what was verified before is in doubt too.
    @Test func anotherProgramsSelectEndsTheEpoch() throws {
        let card = Card(channel: ScriptedChannel([], endless: "9000"))
        try card.transaction { exchange in
            Result { () throws(ChannelError) in
                _ = try exchange.select([1, 2])
                exchange.noteForeignSelection()
                #expect(exchange.selectedApplication == nil)
                #expect(exchange.epoch == 2)
            }
        }.get()
    }

    @Test func traceHidesSecrets() throws {
        let lines = Lines()
        let card = Card(channel: ScriptedChannel([], endless: "31329000"), trace: CardTrace { lines.add($0) })
        try card.transaction { exchange in
            Result { () throws(ChannelError) in
                let pin: [UInt8] = Array("123456".utf8)
                _ = try exchange.send(CommandHeader(ins: 0x20, p1: 0, p2: 0x80), secret: pin.span.bytes)
                _ = try exchange.send(CommandHeader(ins: 0x87, p1: 7, p2: 0x9D), ne: 256, secrecy: .answer)
                _ = try exchange.send(CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF), ne: 256)
            }
        }.get()
        #expect(
            lines.all == [
                "> 00200080 [7 bytes, secret]", "< 31329000", "> 0087079D00", "< [2 bytes, secret] 9000",
                "> 00CB3FFF00", "< 31329000",
            ])
    }
}

final class Lines: @unchecked Sendable {
    private(set) var all: [String] = []

    func add(_ line: String) { all.append(line) }
}

func sending(_ command: CommandAPDU, over exchange: CardExchange) throws(ChannelError) -> ResponseAPDU {
    try exchange.send(command.header, data: command.data, ne: command.ne)
}

import ISO7816
import Platform
import Testing

/// What a reader makes of the commands of one application, one after the other; the last byte of the description says
/// nothing, the steps say all.
struct ReaderDialogue: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var limits = ChannelLimits(transmissionProtocol: .t1)
    /// Each command, and what comes of it.
    let commands: [(CommandAPDU, String)]
    let steps: [(String, String)]

    private static let certificate = CommandAPDU(
        header: CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF), data: [0x5C, 0x00], ne: 65_536)
    private static let long = "00CB3FFF0000025C000000", short = "00CB3FFF025C0000"
    private static let signature = CommandAPDU(
        header: CommandHeader(ins: 0x87, p1: 7, p2: 0x9A), data: [UInt8](repeating: 1, count: 300), ne: 65_536)
    private static let longSignature = "0087079A00012C" + run(1, 300) + "0000"
    private static let chain = [("1087079AFF" + run(1, 255), "9000"), ("0087079A2D" + run(1, 45) + "00", "AA9000")]
    /// A data object of 1000 bytes, and its first part.
    private static let object = "538203E4" + run(7, 996)
    private static func pieces(_ bytes: String) -> [(String, String)] {
        let parts = stride(from: 0, to: bytes.count, by: 512).map {
            String(bytes.dropFirst($0).prefix(512))
        }
        return parts.indices.map { index in
            let left = parts.count - index - 1
            let next = left == 0 ? "9000" : left == 1 ? "61E8" : "6100"
            return (index == 0 ? short : left == 0 ? "00C00000E8" : "00C0000000", parts[index] + next)
        }
    }

    static let all: [ReaderDialogue] =
        ["6700", "6F00", "6E00", "6D00", "", "90"].map { answer in
            ReaderDialogue(
                testDescription: "\(answer.isEmpty ? "nothing" : answer) to the extended form, and for good",
                commands: [(certificate, "01029000"), (certificate, "01029000"), (signature, "AA9000")],
                steps: [(long, answer), (short, "01029000"), (short, "01029000")] + chain)
        }
        + ["6D00", "6A82"].map { answer in
            ReaderDialogue(
                testDescription: "\(answer) to both forms means the command",
                commands: [(certificate, answer), (certificate, "01029000")],
                steps: [(long, answer)] + (answer == "6D00" ? [(short, answer)] : []) + [(long, "01029000")])
        } + [
            ReaderDialogue(
                testDescription: "6F00 where the short form says that there is no such object",
                commands: [(certificate, "6A82"), (certificate, "6A82")],
                steps: [(long, "6F00"), (short, "6A82"), (short, "6A82")]),
            ReaderDialogue(
                testDescription: "an answer that breaks off without a status word",
                commands: [(certificate, object + "9000"), (certificate, object + "9000")],
                steps: [(long, String(object.prefix(522)))] + pieces(object) + pieces(object)),
            ReaderDialogue(
                testDescription: "an answer that breaks off and has one",
                commands: [(certificate, object + "9000"), (certificate, object + "9000")],
                steps: [(long, String(object.prefix(1000)) + "9000")] + pieces(object) + pieces(object)),
            ReaderDialogue(
                testDescription: "an object that the card itself has only in part",
                commands: [(certificate, object.prefix(1000) + "9000")],
                steps: [
                    (long, String(object.prefix(1000)) + "9000"), (short, object.prefix(512) + "61F4"),
                    ("00C00000F4", object.dropFirst(512).prefix(488) + "9000"),
                ]),
            ReaderDialogue(
                testDescription: "a signature that may have been made is not sent again, and the next one is short",
                commands: [(signature, "6F00"), (signature, "AA9000")], steps: [(longSignature, "6F00")] + chain),
            ReaderDialogue(
                testDescription: "a signature that surely was not made is sent again",
                commands: [(signature, "AA9000"), (signature, "AA9000")],
                steps: [(longSignature, "6E00")] + chain + chain),
            ReaderDialogue(
                testDescription: "a signature that failed in a form that works is not sent again",
                commands: [(certificate, "01029000"), (signature, "6F00"), (signature, "AA9000")],
                steps: [(long, "01029000"), (longSignature, "6F00"), (longSignature, "AA9000")]),
            ReaderDialogue(
                testDescription: "a command that was too long goes in parts, shorter ones as they are",
                commands: [
                    (certificate, "01029000"), (signature, "AA9000"), (certificate, "9000"), (signature, "AA9000"),
                ],
                steps: [(long, "01029000"), (longSignature, "6700")] + chain + [(long, "9000")] + chain),
            ReaderDialogue(
                testDescription: "a reader's size holds for answers too",
                limits: ChannelLimits(transmissionProtocol: .t1, maximumCommandSize: 2048 + 9),
                commands: [(certificate, "01029000")], steps: [("00CB3FFF0000025C000800", "01029000")]),
        ]
}

@Suite struct ExtendedLengthTests {
    @Test("Readers that pass no extended APDUs, and what is repeated to them", arguments: ReaderDialogue.all)
    func dialogue(_ dialogue: ReaderDialogue) throws {
        let channel = ScriptedChannel(
            dialogue.steps.map { .init($0.0, $0.1) }, atr: ScriptedChannel.extendedATR, limits: dialogue.limits)
        let answers = try Card(channel: channel).transaction { exchange in
            Result { () throws(ChannelError) in
                var answers: [String] = []
                for (command, _) in dialogue.commands {
                    answers.append(hex(try sending(command, over: exchange).encoded))
                }
                return answers
            }
        }.get()
        #expect(answers == dialogue.commands.map(\.1))
        #expect(channel.isAtEnd)
    }

    @Test(
        "The longest command that a reader passes is sent whole, a longer one in parts",
        arguments: [(2048 + 9, 2048, 1), (2048 + 9, 2049, 9), (nil, 65_535, 1), (nil, 65_536, 258), (262, 256, 2)]
            as [(Int?, Int, Int)])
    func longest(_ size: Int?, _ count: Int, _ commands: Int) throws {
        let channel = ScriptedChannel(
            [], endless: "9000", atr: ScriptedChannel.extendedATR,
            limits: ChannelLimits(transmissionProtocol: .t1, maximumCommandSize: size))
        _ = try Card(channel: channel).transaction { exchange in
            Result { () throws(ChannelError) in
                let header = CommandHeader(ins: 0xDB, p1: 0x3F, p2: 0xFF)
                return try exchange.send(header, data: [UInt8](repeating: 1, count: count))
            }
        }.get()
        #expect(channel.sent.count == commands)
        if let size { #expect(channel.sent.allSatisfy { $0.count / 2 <= size }) }
    }

    @Test("A card that takes its time for each piece of an answer is not waited for without end")
    func slowAnswer() {
        let channel = ScriptedChannel([], endless: run(0xAA, 256) + "6100")
        let time = Guarded(0)
        let card = Card(channel: channel) {
            time.withLock {
                $0 += 200
                return $0
            }
        }
        #expect(throws: ChannelError.answerTooLong) {
            try card.transaction { exchange in
                Result { () throws(ChannelError) in
                    try sending(CommandAPDU(header: Dialogue.getData, ne: 65_536), over: exchange)
                }
            }.get()
        }
        #expect((20...60).contains(channel.sent.count))
    }
}

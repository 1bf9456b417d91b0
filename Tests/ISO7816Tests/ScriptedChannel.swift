import ISO7816
import Platform

/// A channel that plays a script: each command must be the one that stands next, and gets the answer beside it.
final class ScriptedChannel: CardChannel {
    struct Step {
        let command: String
        let answer: String

        init(_ command: String, _ answer: String) {
            self.command = command
            self.answer = answer
        }
    }

    let answerToReset: [UInt8]
    let limits: ChannelLimits
    private var steps: [Step]
    /// Given for every command once the script is at its end; nil makes that an error.
    private let endless: String?
    private(set) var sent: [String] = []

    /// ATR of a YubiKey 5, whose historical bytes say extended length.
    static let extendedATR = bytes("3BFD1300008131FE158073C021C057597562694B657940")
    /// The same without the capability.
    static let shortATR = bytes("3BFD1300008131FE158073C0218057597562694B657940")

    init(
        _ steps: [Step], endless: String? = nil, atr: [UInt8] = ScriptedChannel.shortATR,
        limits: ChannelLimits = ChannelLimits(transmissionProtocol: .t1)
    ) {
        self.steps = steps
        self.endless = endless
        answerToReset = atr
        self.limits = limits
    }

    var isAtEnd: Bool { steps.isEmpty }

    /// What others did to the card before the transactions that begin.
    var continuity = CardContinuity.kept

    func beginTransaction() throws(ChannelError) -> CardContinuity { continuity }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let text = hex([UInt8](command))
        sent.append(text)
        if let step = steps.first {
            guard step.command == text else { throw .transmissionFailed }
            steps.removeFirst()
            return bytes(step.answer)
        }
        guard let endless else { throw .transmissionFailed }
        return bytes(endless)
    }
}

/// Bytes out of hexadecimal digits; blanks are for reading.
func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}

/// So many bytes of this value, in hexadecimal digits.
func run(_ byte: UInt8, _ count: Int) -> String { hex([UInt8](repeating: byte, count: count)) }

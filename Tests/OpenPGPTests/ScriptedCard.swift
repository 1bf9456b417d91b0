import ISO7816
import OpenPGP
import Platform
import TestSupport
import Testing
import Token

/// One command and the answer to it, in hexadecimal digits; blanks are for reading.
struct Step: Sendable {
    let command: String
    let answer: String

    init(_ command: String, _ answer: String) {
        self.command = command.filter { $0 != " " }
        self.answer = answer.filter { $0 != " " }
    }
}

/// A card that plays a script: each command must be the one that stands next, and gets the answer beside it.
final class ScriptedCard: CardChannel {
    /// ATR of a YubiKey 5, whose historical bytes say extended length.
    let answerToReset = bytes("3BFD1300008131FE158073C021C057597562694B657940")
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private var steps: [Step] = []
    /// What other programs did to the card before the next transaction.
    var continuity = CardContinuity.kept
    /// What beginning a transaction throws.
    var failure: ChannelError?
    /// Whether no other program holds a transaction.
    var isFree = true
    /// What is shared by all that use the card in this process, once it was opened.
    private(set) var shared: Card?
    /// The milliseconds that the token believes in.
    let time = Guarded(1_000_000)

    /// The steps that were not taken.
    var left: [String] { steps.map(\.command) }

    /// Adds to the script.
    func expect(_ steps: Step...) { self.steps += steps }

    func expect(_ steps: [Step]) { self.steps += steps }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        if let failure { throw failure }
        defer { continuity = .kept }
        return continuity
    }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let text = hex([UInt8](command))
        guard let step = steps.first, step.command == text else {
            Issue.record("sent \(text), the script has \(steps.first?.command ?? "ended")")
            throw .transmissionFailed
        }
        steps.removeFirst()
        return bytes(step.answer)
    }

    /// Lets time pass.
    func wait(seconds: Int) { time.withLock { $0 += seconds * 1000 } }

    /// The token of this card, opened as the steps say.
    func open(_ steps: Step..., identity: TokenIdentity = .truthful) throws -> OpenPGPToken? {
        expect(steps)
        let card = Card(channel: self)
        shared = card
        return try OpenPGPToken.open(card, identity: identity) { [self] in time.withLock { $0 } }
    }

    /// The token of a card that tells this of itself.
    func token(
        _ related: RelatedData = RelatedData(), identity: TokenIdentity = .truthful
    ) throws -> OpenPGPToken {
        try #require(try open(.select, .related(related), identity: identity))
    }
}

extension ScriptedCard: @unchecked Sendable {}

extension Step {
    /// The longest answer that is asked for before the card has told of its own.
    static let le = "000800"

    static let select = Step("00A40400 06 D27600012401 00", "9000")
    static func related(_ data: RelatedData = RelatedData()) -> Step { get("006E", hex(data.encoded) + "9000") }
    static func passwords(_ status: String) -> Step { Step("00CA00C4\(le)", status + "9000") }
    static func get(_ tag: String, _ answer: String) -> Step { Step("00CA\(tag)\(le)", answer) }
    static func verify(_ mode: String, _ pin: String = "123456", _ status: String = "9000") -> Step {
        Step("002000\(mode)" + hex([UInt8(pin.utf8.count)]) + hex(pin.utf8), status)
    }
    static func isVerified(_ mode: String, _ status: String = "63C3") -> Step { Step("002000\(mode)", status) }
    static func selectCertificate(_ occurrence: String, _ status: String = "9000") -> Step {
        Step("00A5\(occurrence)04 06 60045C027F21", status)
    }
    static func readKey(_ template: String, _ answer: String) -> Step {
        Step("00478100 000002 \(template)00 0800", answer)
    }
    static func sign(_ input: [UInt8], _ answer: String) -> Step { operate("002A9E9A", input, answer) }
    static func authenticate(_ input: [UInt8], _ answer: String) -> Step { operate("00880000", input, answer) }
    static func decipher(_ input: [UInt8], _ answer: String) -> Step { operate("002A8086", input, answer) }
    static func encipher(_ input: [UInt8], _ answer: String) -> Step { operate("002A8680", input, answer) }
    private static func operate(_ header: String, _ input: [UInt8], _ answer: String) -> Step {
        Step("\(header) 00" + hex([UInt8(input.count >> 8), UInt8(input.count & 0xFF)]) + hex(input) + "0800", answer)
    }
}

extension OpenPGPToken {
    func login(_ pin: String) throws(TokenError) {
        let bytes = Array(pin.utf8)
        try login(pin: bytes.span.bytes)
    }

    func loginAdministrator(_ secret: String) throws(TokenError) {
        let bytes = Array(secret.utf8)
        try loginAdministrator(secret: bytes.span.bytes)
    }

    func authenticate(_ pin: String) throws(TokenError) -> any UseAuthorization {
        let bytes = Array(pin.utf8)
        return try authenticate(pin: bytes.span.bytes, forUseOf: .signatureKey)
    }
}

extension ObjectReference {
    static let signatureKey = ObjectReference(.privateKey, 1)
    static let decryptionKey = ObjectReference(.privateKey, 2)
    static let authenticationKey = ObjectReference(.privateKey, 3)
}

/// Bytes out of hexadecimal digits; blanks are for reading.
func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}

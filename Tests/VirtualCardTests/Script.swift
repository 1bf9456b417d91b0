import ISO7816
import Testing

@testable import VirtualCard

/// A dialogue with a card: commands and what the card is to answer, in hexadecimal. An expectation that ends in ".."
/// names the beginning of the answer.
struct Script: Sendable, CustomTestStringConvertible {
    let name: String
    let profile: CardProfile
    let steps: [(command: String, answer: String)]

    init(_ name: String, _ steps: [(command: String, answer: String)]) {
        self.init(name, .yubiKey57, steps)
    }

    init(_ name: String, _ profile: CardProfile, _ steps: [(command: String, answer: String)]) {
        self.name = name
        self.profile = profile
        self.steps = steps
    }

    var testDescription: String { "\(profile.name): \(name)" }

    /// Plays the dialogue; every step is checked.
    func play(on card: VirtualCard) throws {
        for (number, step) in steps.enumerated() {
            let command = try #require(
                bytes(hexadecimal: step.command.filter { $0 != " " }), "step \(number)")
            let answer = hexadecimal(card.process(command)).uppercased()
            let expected = step.answer.filter { !$0.isWhitespace }.uppercased()
            if expected.hasSuffix("..") {
                #expect(answer.hasPrefix(expected.dropLast(2)), "step \(number): \(step.command)")
            } else {
                #expect(answer == expected, "step \(number): \(step.command)")
            }
        }
    }

    /// Plays the dialogue on a new, empty card of the profile.
    func play() throws {
        try play(on: VirtualCard(state: CardState(profile: profile, serialNumber: 0x1234_5678)))
    }
}

/// Commands that many dialogues begin with.
enum Say {
    static let select = "00A4040005A000000308"
    static let verify = "0020008008313233343536FFFF"
    static let verifyWrong = "0020008008393939393939FFFF"
    static let status = "00200080"
    static let selected = "61114F0600001000010079074F05A0000003089000"
}

extension VirtualCard {
    /// Sends a command and splits the answer.
    func send(
        _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = [], ne: Int = 65536
    ) throws -> ResponseAPDU {
        // Some readers pass no extended APDUs to a card that would take them.
        let extended = profile.supportsExtendedLength && !profile.quirks.contains { $0.name.hasPrefix("extended-") }
        let header = CommandHeader(ins: ins, p1: p1, p2: p2)
        guard extended || data.count <= 255 else {
            var rest = data[...]
            while rest.count > 255 {
                var part = CommandAPDU(header: header, data: Array(rest.prefix(255)))
                part.header.cla |= CommandHeader.chainingBit
                #expect(process(part.encoded) == [0x90, 0x00])
                rest = rest.dropFirst(255)
            }
            return try collect(CommandAPDU(header: header, data: Array(rest), ne: 256))
        }
        return try collect(CommandAPDU(header: header, data: data, ne: extended ? ne : 256))
    }

    private func collect(_ command: CommandAPDU) throws -> ResponseAPDU {
        var answer = try #require(ResponseAPDU(parsing: process(command.encoded)))
        if let right = answer.status.rightLength {
            var again = command
            again.ne = right
            answer = try #require(ResponseAPDU(parsing: process(again.encoded)))
        }
        while let waiting = answer.status.bytesWaiting {
            let next = CommandAPDU(header: CommandHeader(ins: 0xC0, p1: 0, p2: 0), ne: waiting)
            let more = try #require(ResponseAPDU(parsing: process(next.encoded)))
            answer = ResponseAPDU(data: answer.data + more.data, status: more.status)
        }
        return answer
    }

    func selectPIV() throws {
        #expect(try send(0xA4, 0x04, 0x00, [0xA0, 0x00, 0x00, 0x03, 0x08], ne: 256).status == .success)
    }

    func verifyPIN() throws {
        #expect(
            process([0x00, 0x20, 0x00, 0x80, 0x08] + ReferenceData.padded("123456")) == [0x90, 0x00])
    }

    /// Proves the well-known management key by mutual authentication, as SP 800-73-5 part 2, appendix A.1, has it.
    func authenticateAdministrator() throws {
        try authenticateAdministrator(.standard(for: profile))
    }

    func authenticateAdministrator(_ key: ManagementKey) throws {
        let cipher = key.algorithm.cipher
        let first = try send(0x87, key.algorithm.rawValue, 0x9B, [0x7C, 0x02, 0x80, 0x00])
        let template = try #require(TLVReader(first.data).first(0x7C))
        let witness = Array(try #require(template.children.first(0x80)).value)
        let shown = try cipher.decrypt(witness, key: key.value, mode: .ecb)
        let challenge = [UInt8](repeating: 0x5A, count: cipher.blockSize)
        let content = [UInt8](tag: 0x80, shown) + [UInt8](tag: 0x81, challenge)
        let second = try send(0x87, key.algorithm.rawValue, 0x9B, [UInt8](tag: 0x7C, content))
        #expect(second.status == .success)
        let answer = try cipher.encrypt(challenge, key: key.value, mode: .ecb)
        #expect(second.data == AuthenticationTemplate.answer(0x82, answer))
    }
}

import FuzzTargets
import HostCrypto
import ISO7816
import Platform
import Testing
import Token

@testable import OpenPGP

/// Whatever a card answers, nothing traps, and nothing is waited for without end.
@Suite struct HostileAnswerTests {
    /// Every beginning, every flipped bit and many oversized lengths of what cards answer.
    @Test func cutFlippedAndOversized() {
        var random = SplitMix(state: 20_261_124)
        for sample in Self.samples {
            for count in 0...sample.count { CardData.parseOpenPGP(Array(sample.prefix(count))) }
            for position in sample.indices {
                for bit in 0..<8 {
                    var copy = sample
                    copy[position] ^= 1 << UInt8(bit)
                    CardData.parseOpenPGP(copy)
                }
                for length in [0x80, 0x81, 0x82, 0x83, 0x84, 0xFF] as [UInt8] {
                    var copy = sample
                    copy[position] = length
                    CardData.parseOpenPGP(copy)
                }
            }
            for _ in 0..<500 {
                var copy = sample
                for _ in 0..<4 {
                    copy[Int(random.next() % UInt64(copy.count))] = UInt8(truncatingIfNeeded: random.next())
                }
                CardData.parseOpenPGP(copy)
            }
        }
    }

    /// A card that answers anything to everything, for a whole session.
    @Test(arguments: 0..<60)
    func aCardThatAnswersAnything(_ seed: Int) {
        let channel = RandomCard(seed: UInt64(seed))
        guard let token = try? OpenPGPToken.open(Card(channel: channel)) else { return }
        let pin = Array("123456".utf8)
        for _ in 0..<3 {
            _ = try? token.information()
            _ = try? token.pinStatus()
            _ = try? token.login(pin: pin.span.bytes)
            _ = try? token.loginAdministrator(secret: Array("12345678".utf8).span.bytes)
            let all = token.catalogue.map(\.reference)
            _ = try? token.present(among: all, areNamed: false)
            for object in all {
                _ = try? token.value(of: object)
                _ = try? token.subjectPublicKeyInfo(of: object)
                _ = try? token.policy(of: object)
                _ = try? token.usage(of: object)
                _ = try? token.sign(with: object, input: KnownKeys.p256Hash, authorization: nil)
                _ = try? token.decipher(with: object, ciphertext: pin, authorization: nil)
                _ = try? token.sharedSecret(with: object, point: KnownKeys.x25519, authorization: nil)
                _ = try? token.write([1], to: object, ifStill: nil)
            }
            token.logout()
        }
        // Three logins of the user's and three of the administrator's: each may be refused once, and is then forgotten.
        #expect(channel.pinsRefused <= 6)
    }

    private static let samples: [[UInt8]] = [
        Array(TLVReader(RelatedData(interaction: ["0020", "0020", "0020"]).encoded).first(0x6E)?.value ?? []),
        bytes(ParsingTests.derivation), bytes("C106 010800002000 C209 122A8648CE3D030107"),
        [UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, KnownKeys.p256Point)),
        [UInt8](
            tag: 0x7F49, children: [UInt8](tag: 0x81, [UInt8](repeating: 0xC1, count: 128)), [UInt8](tag: 0x82, [3])),
        bytes("5B05 446F653C3C 5F2D04 6465656E 5F3501 39"), bytes("6F12 8410 D27600012401 0304 0005 12345678 0000"),
    ]
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators": the same numbers every time.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var number = state
        number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
        return number ^ (number >> 31)
    }
}

/// Answers what a card may answer, to the wrong command, cut, flipped, or with another status.
final class RandomCard: CardChannel {
    let answerToReset: [UInt8] = bytes("3BFD1300008131FE158073C021C057597562694B657940")
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private var random: SplitMix
    private(set) var pinsRefused = 0

    init(seed: UInt64) { random = SplitMix(state: seed) }

    func beginTransaction() throws(ChannelError) -> CardContinuity { pick(8) == 0 ? .reset : .kept }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let command = [UInt8](command)
        var answer = right(command)
        if pick(4) == 0 { answer = Self.answers[pick(Self.answers.count)] }
        if pick(8) == 0 { answer = Array(answer.prefix(pick(answer.count + 1))) }
        if pick(8) == 0, !answer.isEmpty { answer[pick(answer.count)] = UInt8(pick(256)) }
        var status = pick(5) == 0 ? Self.statuses[pick(Self.statuses.count)] : "9000"
        if command[1] == 0x20, command.count > 5 {
            // An answer that goes on is no refusal yet.
            if status.hasPrefix("61") { status = "9000" }
            if status != "9000" { pinsRefused += 1 }
        }
        return answer + bytes(status)
    }

    private func right(_ command: [UInt8]) -> [UInt8] {
        switch (command[1], command[3]) {
        case (0xCA, 0x6E): RelatedData(capabilities: "7D00 0800 0800 00FF 00 01").encoded
        case (0xCA, 0xC4): bytes("017F7F7F030003")
        case (0xCA, 0xF9): bytes("810100")
        case (0x47, _): [UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, KnownKeys.p256Point))
        case (0x2A, _), (0x88, _): bytes(KnownKeys.p256Signature)
        default: []
        }
    }

    private func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private static let answers: [[UInt8]] = [
        [], [0x6E], bytes("6E84FFFFFFFF"), bytes("7F4982FFFF"), [UInt8](repeating: 0xFF, count: 300),
        [UInt8](repeating: 0, count: 64), bytes("C4075F"),
    ]
    private static let statuses = [
        "6982", "6A88", "6D00", "63C1", "6983", "6285", "6700", "6101", "6C01", "6F00", "6985",
    ]
}

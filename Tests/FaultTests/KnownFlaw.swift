import ISO7816
import Testing

/// What a card can do that has broken other software: a class of the flaws in OpenSC and libykpiv from 2018 to 2025. What
/// each number stands for was read in CVE's own records and in the advisories of OpenSC, Yubico and Debian (DLA-4004-1).
struct KnownFlaw: Sendable, CustomTestStringConvertible {
    /// What the card does, and where that was a flaw.
    let testDescription: String
    let advisories: [String]
    /// The card's own answer to reset, where that is what is wrong with it.
    let answerToReset: [UInt8]?
    /// What becomes of the answer to a command; `turn` counts them.
    let distortion: @Sendable (_ command: [UInt8], _ answer: [UInt8], _ turn: Int) -> [UInt8]

    init(
        _ name: String, _ advisories: String, answerToReset: [UInt8]? = nil,
        _ distortion: @escaping @Sendable ([UInt8], [UInt8], Int) -> [UInt8] = { _, answer, _ in answer }
    ) {
        testDescription = name
        self.advisories = advisories.split(separator: " ").map { "CVE-" + $0 }
        self.answerToReset = answerToReset
        self.distortion = distortion
    }

    static let all = [
        KnownFlaw(
            "an answer longer than the key", "2018-16393 2018-16419 2018-16420 2018-16421 2020-26572 2021-42782"
        ) { command, answer, _ in
            let long = [UInt8](repeating: 0xA5, count: 2000)
            switch command[1] {
            case 0x87: return success([UInt8](tag: 0x7C, children: [UInt8](tag: 0x82, long)))
            case 0x2A, 0x88: return success(long)
            default: return answer
            }
        },
        KnownFlaw("a length beyond the answer's end", "2018-14780 2020-13131 2024-45619 2024-45620") { _, answer, _ in
            holdsData(answer) ? [answer[0], 0x82, 0xFF, 0xFF] + answer.dropFirst(2) : answer
        },
        KnownFlaw("a length of nothing", "2018-16427 2023-2977") { _, answer, _ in
            holdsData(answer) ? [answer[0], 0x00] + answer.dropFirst(2) : answer
        },
        KnownFlaw(
            "success, and nothing with it", "2024-45615 2024-45616 2024-45617 2024-45618 2025-13763"
        ) { _, answer, _ in
            holdsData(answer) ? success([]) : answer
        },
        KnownFlaw("one byte, where more was to come", "2018-16422 2024-45616") { _, answer, _ in
            holdsData(answer) ? success([answer[0]]) : answer
        },
        KnownFlaw("GET RESPONSE brings more than it was asked for", "2018-14779 2025-49010") { command, answer, _ in
            if command[1] == 0xC0 { return [UInt8](repeating: 0x7F, count: 300) + [0x61, 0xFF] }
            return holdsData(answer) ? [answer[0], 0x61, 0x10] : answer
        },
        KnownFlaw("a generated key of another type", "2024-8443") { command, answer, _ in
            guard command[1] == 0x47 else { return answer }
            let modulus = [UInt8](tag: 0x81, [UInt8](repeating: 0xC3, count: 256))
            return success([UInt8](tag: 0x7F49, children: modulus, [UInt8](tag: 0x82, [1, 0, 1])))
        },
        KnownFlaw("a generated key whose lengths lie", "2020-13131 2020-13132") { command, answer, _ in
            command[1] == 0x47 ? success([0x7F, 0x49, 0x82, 0x01, 0x09, 0x81, 0x82, 0xFF, 0xFF, 0xC3]) : answer
        },
        KnownFlaw("a SubjectPublicKeyInfo whose key ends early", "2025-66037") { _, answer, _ in
            replacing([0x03, 0x42, 0x00, 0x04], with: [0x03, 0x7F, 0x00, 0x04], in: answer)
        },
        KnownFlaw("a SubjectPublicKeyInfo with an empty key", "2025-66037") { _, answer, _ in
            replacing([0x03, 0x42, 0x00, 0x04], with: [0x03, 0x00, 0x00, 0x04], in: answer)
        },
        KnownFlaw(
            "historical bytes that end early", "2025-66038", answerToReset: [0x3B, 0x8F, 0x80, 0x01, 0x80, 0x7F]),
        KnownFlaw("no historical bytes where some are told of", "2025-66038", answerToReset: [0x3B, 0xFF]),
        KnownFlaw("objects within objects", "2018-16426") { _, answer, _ in
            guard holdsData(answer) else { return answer }
            let nested = (0..<800).reduce(into: [UInt8]()) { bytes, _ in bytes = [UInt8](tag: 0x30, bytes) }
            return success([answer[0]] + nested.dropFirst())
        },
        KnownFlaw(
            "an object that is gone the next time",
            "2018-16423 2018-16424 2018-16425 2019-19480 2021-42778 2021-42779 2021-42780 2024-1454"
        ) { _, answer, turn in
            holdsData(answer) && turn % 2 == 1 ? [0x6A, 0x82] : answer
        },
    ]

    private static func success(_ data: [UInt8]) -> [UInt8] { data + [0x90, 0x00] }

    private static func holdsData(_ answer: [UInt8]) -> Bool { answer.count > 4 && answer.suffix(2) == [0x90, 0x00] }

    private static func replacing(_ old: [UInt8], with new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for start in bytes.indices.dropLast(old.count) where bytes[start..<start + old.count].elementsEqual(old) {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
        return bytes
    }
}

import HostCrypto
import Keys

/// Bytes that stand for others: of the same length and form, the same ones for the same ones, and nobody can tell from them
/// what they stand for. The key that they are made with is drawn for each object and written nowhere.
struct StandIns {
    private let key: [UInt8]

    init() throws(CommandFailure) { key = try computing { () throws(HostCryptoError) in try Random.bytes(32) } }

    /// Of anything: a text stays a text, and what says that nothing is there stays as it is.
    func value(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        guard Set(bytes).subtracting([0x00]).isEmpty || Set(bytes) == [0xFF] else {
            return Self.isText(bytes) ? text(bytes) : self.bytes(bytes)
        }
        return bytes
    }

    /// Bytes of any value.
    func bytes(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        return Array(stream(bytes).prefix(bytes.count))
    }

    /// Letters for letters, digits for digits, in capitals and not; zeros at the beginning stay. Other characters stay too.
    func text(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        let random = stream(bytes)
        var isLeading = true
        return zip(bytes, random).map { byte, random in
            switch byte {
            case UInt8(ascii: "0") where isLeading: return byte
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                isLeading = false
                return UInt8(ascii: "0") + random % 10
            case UInt8(ascii: "a")...UInt8(ascii: "z"): return UInt8(ascii: "a") + random % 26
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): return UInt8(ascii: "A") + random % 26
            // The second byte and those behind it of a character that has more than one.
            case 0x80...0xBF: return 0x80 + random % 0x40
            default: return byte
            }
        }
    }

    func text(_ text: String) -> String { String(decoding: self.text(text.utf8), as: UTF8.self) }

    /// A number: zeros at its beginning stay; decimal digits, two in a byte, stay such.
    func number(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = bytes.flatMap { [$0 >> 4, $0 & 15] }
        let isDecimal = digits.allSatisfy { $0 < 10 }
        let random = stream(Array(bytes) + [0])
        var isLeading = true
        let other = zip(digits, random).map { digit, random -> UInt8 in
            if isLeading, digit == 0 { return 0 }
            // The first digit is no other's; none is greater, so that what fits goes on fitting.
            let first = isLeading
            isLeading = false
            return first ? 1 + random % digit : random % (isDecimal ? 10 : 16)
        }
        return stride(from: 0, to: other.count, by: 2).map { other[$0] << 4 | other[$0 + 1] }
    }

    /// The octets of a public key, without what tells their form; the modulus of one of RSA is odd and of the same length.
    func publicKey(_ octets: some Collection<UInt8>, isModulus: Bool) -> [UInt8] {
        var bytes = bytes(octets)
        guard isModulus, !bytes.isEmpty else { return bytes }
        bytes[0] |= 0x80
        bytes[bytes.count - 1] |= 1
        return bytes
    }

    /// Whether they are characters that can be seen, in UTF-8.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 1, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.printable == text
    }

    /// As many bytes as the value has, or more.
    private func stream(_ value: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = []
        var block: UInt8 = 0
        while stream.count < 2 * value.count {
            // What libcrypto cannot hash is not shown at all.
            stream += (try? Digest.sha256.hash(key + [block] + value)) ?? [UInt8](repeating: 0, count: 32)
            block &+= 1
        }
        return stream
    }
}

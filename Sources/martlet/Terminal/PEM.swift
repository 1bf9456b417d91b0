import FoundationEssentials
import Platform

/// Textual encoding of DER (RFC 7468).
enum PEM {
    /// The text of a structure, with lines of 64 characters.
    static func text(_ der: [UInt8], label: String) -> String {
        var lines = ["-----BEGIN \(label)-----"]
        var rest = Data(der).base64EncodedString()[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
    }

    /// The DER in a file that has DER, or PEM with this label; nil where it is PEM without it, or damaged. The file may be a
    /// private key: what is returned is the only copy that is made of it.
    static func der(in file: [UInt8], label: String) -> [UInt8]? {
        let lines = file.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        guard lines.contains(where: { $0.starts(with: "-----BEGIN ".utf8) }) else { return file }
        guard let start = lines.firstIndex(where: { $0.elementsEqual("-----BEGIN \(label)-----".utf8) }),
            let end = lines[start...].firstIndex(where: { $0.elementsEqual("-----END \(label)-----".utf8) })
        else { return nil }
        return decoded(lines[(start + 1)..<end])
    }

    /// The bytes of lines of base 64 (RFC 4648, section 4), or nil where they are none.
    private static func decoded(_ lines: ArraySlice<ArraySlice<UInt8>>) -> [UInt8]? {
        let characters = lines.joined()
        let padding = characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let count = characters.reduce(0) { count, _ in count + 1 }
        guard count % 4 == 0, padding <= 2 else { return nil }
        var bytes = [UInt8]()
        // Allocated once, so that the caller's wiping reaches the only copy.
        bytes.reserveCapacity(count / 4 * 3)
        var (bits, held) = (UInt32(0), 0)
        for character in characters.prefix(count - padding) {
            guard let value = value(character) else {
                bytes.wipe()
                return nil
            }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> held))
        }
        return bytes
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

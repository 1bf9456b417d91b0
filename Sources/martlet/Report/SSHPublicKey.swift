import FoundationEssentials
import HostCrypto
import Keys

/// A public key as OpenSSH writes it.
struct SSHPublicKey {
    /// The name of the key's type, such as `ssh-ed25519`.
    let type: String
    /// The wire format (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4).
    let blob: [UInt8]

    /// Nil for a key of a kind that OpenSSH does not know.
    init?(_ key: PublicKey) {
        switch key {
        case .rsa(let modulus, let exponent):
            type = "ssh-rsa"
            blob = Self.string(Array(type.utf8)) + Self.integer(exponent) + Self.integer(modulus)
        case .ec(let curve, let point):
            let names: [Curve: String] = [.p256: "nistp256", .p384: "nistp384", .p521: "nistp521"]
            guard let name = names[curve] else { return nil }
            type = "ecdsa-sha2-" + name
            blob = Self.string(Array(type.utf8)) + Self.string(Array(name.utf8)) + Self.string(point)
        case .edwards(.ed25519, let bytes):
            type = "ssh-ed25519"
            blob = Self.string(Array(type.utf8)) + Self.string(bytes)
        case .edwards, .montgomery: return nil
        }
    }

    /// The line of `authorized_keys`.
    func line(comment: String) -> String {
        ([type, Data(blob).base64EncodedString()] + (comment.isEmpty ? [] : [comment])).joined(separator: " ")
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt32(truncatingIfNeeded: bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } + bytes
    }

    /// mpint (RFC 4251, section 5), of a number that is not negative.
    private static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return string((digits.first.map { $0 >= 0x80 } ?? false ? [0] : []) + digits)
    }
}

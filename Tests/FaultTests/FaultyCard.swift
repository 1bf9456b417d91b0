import HostCrypto
import VirtualCard

/// The card of the sweep: PIV and OpenPGP, the same keys each time.
enum FaultyCard {
    static let pin = "123456"
    static let managementKey = "010203040506070801020304050607080102030405060708"

    private static let rsa = Result { try PrivateKey.generate(.rsa(bits: 2048)) }
    private static let p256 = Result { try PrivateKey.generate(.ec(.p256)) }
    private static let other = Result { try PrivateKey.generate(.ec(.p256)) }
    private static let state = Result { () -> CardState in
        var builder = try CardBuilder(profile: .yubiKey57Both, serialNumber: 1)
        for (reference, key) in [(0x9A, rsa), (0x9C, p256), (0x9D, p256)] as [(UInt8, Result<PrivateKey, any Error>)] {
            try builder.add(.init(reference: reference, imported: key.get().pkcs8()))
        }
        for slot in ["sig", "aut"] { try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: "ed25519")) }
        return builder.state
    }

    /// The card as it comes.
    static func new() throws -> VirtualCard { VirtualCard(state: try state.get()) }

    /// The PIN that a user changes to.
    static func otherPIN(than pin: String) -> String { pin == Self.pin ? "654321" : Self.pin }

    /// What PIV's PIN is, as a user finds out who was interrupted while changing it.
    static func currentPIN(_ card: VirtualCard) -> String {
        card.reset()
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05] + pivIdentifier)
        defer { card.reset() }
        return [pin, otherPIN(than: pin)].first {
            card.process([0x00, 0x20, 0x00, 0x80, 0x08] + Array($0.utf8) + [0xFF, 0xFF]) == [0x90, 0x00]
        } ?? ""
    }

    /// CKA_EC_PARAMS of P-256.
    static let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]

    /// A key to be imported: CKA_VALUE and CKA_EC_POINT.
    static func newKey() throws -> (scalar: [UInt8], point: [UInt8]) {
        let key = try other.get()
        let scalar = try key.numbers().values[0]
        return (scalar, [0x04, UInt8(key.publicKey.octets.count)] + key.publicKey.octets)
    }

    /// How many tries its PINs have, PIV's first.
    static func tries(_ card: VirtualCard) -> [UInt8] {
        card.reset()
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05] + pivIdentifier)
        let piv = card.process([0x00, 0x20, 0x00, 0x80])
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x06] + openPGPIdentifier)
        let openPGP = card.process([0x00, 0x20, 0x00, 0x82])
        card.reset()
        // 6983: blocked; else 63CX.
        return [piv, openPGP].map { $0 == [0x69, 0x83] ? 0 : $0[1] & 0x0F }
    }

    static let pivIdentifier: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08]
    static let openPGPIdentifier: [UInt8] = [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01]

    static func encrypted(_ message: [UInt8]) throws -> [UInt8] {
        let block = try RSAPadding.pkcs1Encryption(of: message, count: 256)
        return try rsa.get().publicKey.rsaPublicOperation(block)
    }

    /// A point, and the secret that 9D has in common with its key.
    static func agreement() throws -> (point: [UInt8], secret: [UInt8]) {
        let other = try other.get()
        return (other.publicKey.octets, try other.sharedSecret(with: p256.get().publicKey))
    }

    static func certificate() throws -> Certificate {
        let builder = CertificateBuilder(
            subject: "new", serialNumber: [1], notBefore: CalendarTime(year: 2026, month: 1, day: 1),
            notAfter: CalendarTime(year: 2036, month: 1, day: 1))
        return try Certificate(der: try builder.selfSigned(by: other.get()))
    }
}

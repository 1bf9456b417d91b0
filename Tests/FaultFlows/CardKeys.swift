import Certificates
import HostCrypto

/// What a program knows of the card that it uses.
public struct CardKeys: Sendable {
    /// The RSA key of 9A, and the key of 9D.
    public let rsa, agreementKey: PublicKey

    /// A card with these keys.
    public init(rsa: PublicKey, agreement agreementKey: PublicKey) {
        self.rsa = rsa
        self.agreementKey = agreementKey
    }

    /// The PIN of a new card.
    public static let pin = "123456"
    /// The management key of a new card, in hexadecimal.
    public static let managementKey = "010203040506070801020304050607080102030405060708"

    /// The PIN that a user changes to.
    public static func otherPIN(than pin: String) -> String { pin == Self.pin ? "654321" : Self.pin }

    func encrypted(_ message: [UInt8]) throws -> [UInt8] {
        try rsa.rsaPublicOperation(RSAPadding.pkcs1Encryption(of: message, count: 256))
    }

    /// A point, and the secret that 9D has in common with its key.
    func agreement() throws -> (point: [UInt8], secret: [UInt8]) {
        let own = try NewKey.key.get()
        return (own.publicKey.octets, try own.sharedSecret(with: agreementKey))
    }
}

/// A key of the host's, for what comes onto the card.
enum NewKey {
    static let key = Result { try PrivateKey.generate(.ec(.p256)) }

    /// CKA_EC_PARAMS of P-256.
    static let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]

    /// CKA_VALUE and CKA_EC_POINT.
    static func parts() throws -> (scalar: [UInt8], point: [UInt8]) {
        let key = try key.get()
        let scalar = try key.numbers().values[0]
        return (scalar, [0x04, UInt8(key.publicKey.octets.count)] + key.publicKey.octets)
    }

    static func certificate() throws -> Certificate {
        let builder = CertificateBuilder(
            subject: "new", serialNumber: [1], notBefore: CalendarTime(year: 2026, month: 1, day: 1),
            notAfter: CalendarTime(year: 2036, month: 1, day: 1))
        return try Certificate(der: try builder.selfSigned(by: key.get()))
    }
}

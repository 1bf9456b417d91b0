import HostCrypto
import ISO7816
import Keys

/// What the host makes of a password before it sends it (tag F9; OpenPGP card 3.4.1, section 4.3.2).
public enum KeyDerivation: Hashable, Sendable {
    /// The password itself is sent.
    case none
    /// KDF_ITERSALTED_S2K: a hash of salt and password.
    case iteratedSalted(IteratedSaltedDerivation)
    /// Something else, or something that cannot be read. No password is sent then: it could only be wrong.
    case unknown

    /// Parses the value of tag F9. An empty one says that there is none.
    package init(parsing bytes: [UInt8]) {
        let reader = TLVReader(bytes)
        guard !bytes.isEmpty else {
            self = .none
            return
        }
        switch reader.first(0x81)?.value {
        case [0x00]?: self = .none
        case [0x03]?: self = IteratedSaltedDerivation(reader).map { .iteratedSalted($0) } ?? .unknown
        default: self = .unknown
        }
    }

    /// A secret of the card, each of which has a salt of its own.
    enum Secret {
        /// PW1.
        case user
        /// The resetting code.
        case resettingCode
        /// PW3.
        case administrator
    }

    /// What is sent in place of a secret.
    func derive(_ text: RawSpan, _ secret: Secret) throws(HostCryptoError) -> StoredPIN {
        switch self {
        case .none: return try StoredPIN(text)
        case .iteratedSalted(let derivation):
            let hash = try derivation.derive(text, secret)
            return try hash.withBytes { (bytes) throws(HostCryptoError) in try StoredPIN(bytes) }
        case .unknown: throw .unsupported
        }
    }
}

/// The parameters of KDF_ITERSALTED_S2K.
public struct IteratedSaltedDerivation: Hashable, Sendable {
    /// Tag 82: 08 is SHA-256, 0A SHA-512.
    public let digest: Digest
    /// Tag 83: how many octets are hashed.
    public let count: Int
    /// Tag 84: the salt for PW1.
    public let userSalt: [UInt8]
    /// Tag 85: the salt for the resetting code; where it is missing the one of PW1 serves for both.
    public let resettingCodeSalt: [UInt8]
    /// Tag 86: the salt for PW3; where it is missing the one of PW1 serves for both.
    public let administratorSalt: [UInt8]

    init?(_ reader: TLVReader) {
        switch reader.first(0x82)?.value {
        case [0x08]?: digest = .sha256
        case [0x0A]?: digest = .sha512
        default: return nil
        }
        guard let count = reader.first(0x83)?.value, (1...4).contains(count.count),
            let userSalt = reader.first(0x84)?.value, !userSalt.isEmpty
        else { return nil }
        self.count = count.reduce(0) { $0 << 8 | Int($1) }
        guard self.count <= IteratedSaltedS2K.maximumCount else { return nil }
        self.userSalt = Array(userSalt)
        func salt(_ tag: UInt32) -> [UInt8] {
            let own = reader.first(tag)?.value ?? []
            return Array(own.isEmpty ? userSalt : own)
        }
        resettingCodeSalt = salt(0x85)
        administratorSalt = salt(0x86)
    }

    func derive(_ text: RawSpan, _ secret: KeyDerivation.Secret) throws(HostCryptoError) -> SecretBuffer {
        let salt =
            switch secret {
            case .user: userSalt
            case .resettingCode: resettingCodeSalt
            case .administrator: administratorSalt
            }
        return try IteratedSaltedS2K.derive(from: text, salt: salt, count: count, digest: digest)
    }
}

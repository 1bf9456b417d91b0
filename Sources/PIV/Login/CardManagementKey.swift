import HostCrypto
import ISO7816
import Platform
import Token

/// A cipher of the PIV card management key (key reference 9B): P1 of GENERAL AUTHENTICATE (SP 800-78-5, table 9).
public enum CardManagementAlgorithm: UInt8, CaseIterable, Hashable, Sendable {
    /// 03: Triple DES with three keys.
    case tripleDES = 0x03
    /// 08: AES-128.
    case aes128 = 0x08
    /// 0A: AES-192.
    case aes192 = 0x0A
    /// 0C: AES-256.
    case aes256 = 0x0C

    var cipher: BlockCipher {
        switch self {
        case .tripleDES: .tripleDES
        case .aes128: .aes128
        case .aes192: .aes192
        case .aes256: .aes256
        }
    }
}

/// A card management key that is kept as long as a login, or for one authentication. Wiped with its last reference, or
/// before, as a PIN is.
final class CardManagementKey: Sendable {
    let secret: StoredPIN
    /// How many bytes it has.
    private let size: Int

    /// How many bytes a key can have.
    static let lengths: Set<Int> = Set(CardManagementAlgorithm.allCases.map(\.cipher.keySize))

    private init(wiping bytes: inout [UInt8]) throws(HostCryptoError) {
        defer { bytes.wipe() }
        secret = try StoredPIN(bytes.span.bytes)
        size = bytes.count
    }

    /// A key as people type it: hexadecimal digits of either case and nothing between them.
    convenience init(hexadecimal text: RawSpan) throws(TokenError) {
        guard text.byteCount % 2 == 0, Self.lengths.contains(text.byteCount / 2) else { throw .pinLengthOutOfRange }
        // Allocated once at its size, so that the wiping reaches the only copy.
        var bytes = [UInt8]()
        bytes.reserveCapacity(text.byteCount / 2)
        for offset in stride(from: 0, to: text.byteCount, by: 2) {
            guard let high = Self.digit(text, offset), let low = Self.digit(text, offset + 1) else {
                bytes.wipe()
                throw .pinMalformed
            }
            bytes.append(high << 4 | low)
        }
        do throws(HostCryptoError) {
            try self.init(wiping: &bytes)
        } catch {
            throw .failed("no memory for the management key")
        }
    }

    /// The key that ykman, yubico-piv-tool and Yubico's SDK keep in the Printed Information, behind the PIN: 88 { 89 key }
    /// inside tag 53. Nil where there is none.
    convenience init?(storedIn answer: [UInt8]) {
        guard let value = TLVReader(answer).first(0x53)?.value, let key = Self.stored(in: value),
            Self.lengths.contains(key.count)
        else { return nil }
        var bytes = Array(key)
        do throws(HostCryptoError) { try self.init(wiping: &bytes) } catch { return nil }
    }

    /// Whether the value of the Printed Information is a management key and no printed information.
    static func isStored(in value: [UInt8]) -> Bool { stored(in: value[...]) != nil }

    private static func stored(in value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        TLVReader(value).first(0x88)?.children.first(0x89)?.value
    }

    /// The ciphers that take a key of this length, the specification's default before the others (SP 800-78-5, table 9).
    var ciphers: [CardManagementAlgorithm] {
        CardManagementAlgorithm.allCases.filter { $0.cipher.keySize == size }
    }

    /// Calls `body` with the key. The span must not be copied where it is not wiped.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try secret.withBytes(body) }

    /// Encrypts one block.
    func encrypt(_ block: [UInt8], _ algorithm: CardManagementAlgorithm) throws(HostCryptoError) -> [UInt8] {
        try secret.withBytes { (key) throws(HostCryptoError) in
            try algorithm.cipher.encrypt(block, key: key, mode: .ecb)
        }
    }

    /// Decrypts one block.
    func decrypt(_ block: [UInt8], _ algorithm: CardManagementAlgorithm) throws(HostCryptoError) -> [UInt8] {
        try secret.withBytes { (key) throws(HostCryptoError) in
            try algorithm.cipher.decrypt(block, key: key, mode: .ecb)
        }
    }

    private static func digit(_ text: RawSpan, _ offset: Int) -> UInt8? {
        let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
        default: return nil
        }
    }
}

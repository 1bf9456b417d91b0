import COpenSSL

/// AES key wrapping (SP 800-38F): KW of RFC 3394, and KWP of RFC 5649, which pads.
public enum AESKeyWrap: Hashable, Sendable {
    /// KW. The data are a multiple of 8 bytes, at least 16. The initial value has 8 bytes.
    case plain(initialValue: [UInt8]?)
    /// KWP. The data have at least one byte. The initial value has 4 bytes.
    case padded(initialValue: [UInt8]?)

    /// The most bytes of data: far more than any key has.
    public static let mostData = 1 << 20
    /// Half a block.
    public static let unit = 8

    /// The length in bytes that `count` bytes of data have once they are wrapped; nil where so many cannot be wrapped.
    public func wrappedSize(of count: Int) -> Int? {
        guard (1...Self.mostData).contains(count) else { return nil }
        switch self {
        case .plain: return count % Self.unit == 0 && count >= 2 * Self.unit ? count + Self.unit : nil
        case .padded: return (count + Self.unit - 1) / Self.unit * Self.unit + Self.unit
        }
    }

    /// Whether `count` is a length that wrapped data can have.
    public func canUnwrap(_ count: Int) -> Bool {
        let least =
            switch self {
            case .plain: 3 * Self.unit
            case .padded: 2 * Self.unit
            }
        return count % Self.unit == 0 && (least...Self.mostData + Self.unit).contains(count)
    }

    /// The wrapped form. Data or a value of another length is an `invalidLength`.
    public func wrap(_ data: RawSpan, key: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard let size = wrappedSize(of: data.byteCount) else { throw .invalidLength }
        var context = try context(key, isEncrypting: true)
        return try context.updateAtOnce(data, counts: size...size)
    }

    /// The data in a wrapped form. One that is not right is an `invalidPadding`. The caller wipes the data.
    public func unwrap(_ wrapped: RawSpan, key: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard canUnwrap(wrapped.byteCount) else { throw .invalidLength }
        var context = try context(key, isEncrypting: false)
        do throws(HostCryptoError) {
            return try context.updateAtOnce(wrapped, counts: 1...wrapped.byteCount - Self.unit)
        } catch {
            throw .invalidPadding
        }
    }

    private func context(_ key: RawSpan, isEncrypting: Bool) throws(HostCryptoError) -> CipherContext {
        let (mode, initialValue, size) =
            switch self {
            case .plain(let value): ("WRAP", value, 8)
            case .padded(let value): ("WRAP-PAD", value, 4)
            }
        guard initialValue == nil || initialValue?.count == size else { throw .invalidLength }
        return try CipherContext(try AESStream.name(mode, key), key: key, iv: initialValue, isEncrypting: isEncrypting)
    }
}

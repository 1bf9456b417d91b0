import COpenSSL
import Platform

/// How blocks of AES are joined (SP 800-38A).
public enum AESMode: Hashable, Sendable {
    /// Each block by itself.
    case ecb
    /// Each block chained to the one before, the first to the vector.
    case cbc(iv: [UInt8])
    /// A key stream of encrypted counters. The counter is the whole block; it starts with this one.
    case ctr(counter: [UInt8])
    /// A key stream of a vector encrypted again and again.
    case ofb(iv: [UInt8])
    /// Cipher feedback of one byte.
    case cfb8(iv: [UInt8])
    /// Cipher feedback of a block.
    case cfb128(iv: [UInt8])

    /// Whether the data must come in whole blocks.
    public var takesWholeBlocks: Bool {
        switch self {
        case .ecb, .cbc: true
        case .ctr, .ofb, .cfb8, .cfb128: false
        }
    }

    fileprivate var suffix: String {
        switch self {
        case .ecb: "ECB"
        case .cbc: "CBC"
        case .ctr: "CTR"
        case .ofb: "OFB"
        case .cfb8: "CFB8"
        case .cfb128: "CFB"
        }
    }

    fileprivate var vector: [UInt8]? {
        switch self {
        case .ecb: nil
        case .cbc(let vector), .ctr(let vector), .ofb(let vector), .cfb8(let vector), .cfb128(let vector): vector
        }
    }
}

/// AES over data that comes in pieces, without padding.
public struct AESStream: ~Copyable {
    /// The block's length in bytes.
    public static let blockSize = 16

    private var context: CipherContext
    private let takesWholeBlocks: Bool
    /// How many bytes were put in and have not come out, because their block is not complete.
    public private(set) var pendingCount = 0

    /// A computation with a key of 16, 24 or 32 bytes; another key or vector is an `invalidLength`.
    public init(_ mode: AESMode, key: RawSpan, isEncrypting: Bool) throws(HostCryptoError) {
        guard mode.vector == nil || mode.vector?.count == Self.blockSize else { throw .invalidLength }
        let name = try AESStream.name(mode.suffix, key)
        context = try CipherContext(name, key: key, iv: mode.vector, isEncrypting: isEncrypting)
        takesWholeBlocks = mode.takesWholeBlocks
    }

    /// How many bytes come out when `count` more are put in; nil where the number overflows.
    public func outputSize(of count: Int) -> Int? {
        guard takesWholeBlocks else { return count }
        let (sum, overflows) = count.addingReportingOverflow(pendingCount)
        return overflows ? nil : sum / Self.blockSize * Self.blockSize
    }

    /// What comes out for the next piece. The caller wipes what is secret.
    public mutating func update(_ data: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard let count = outputSize(of: data.byteCount) else { throw .invalidLength }
        let output = try context.update(data, count: count)
        pendingCount += data.byteCount - count
        return output
    }

    /// The same into a caller's buffer: how many bytes came out. `invalidLength` where it has no room for them.
    public mutating func update(_ data: RawSpan, into buffer: OutputBuffer) throws(HostCryptoError) -> Int {
        guard let count = outputSize(of: data.byteCount) else { throw .invalidLength }
        try context.update(data, count: count, into: buffer)
        pendingCount += data.byteCount - count
        return count
    }

    /// libcrypto's name of AES with a key of this length in a mode.
    static func name(_ mode: String, _ key: RawSpan) throws(HostCryptoError) -> String {
        switch key.byteCount {
        case 16: return "AES-128-" + mode
        case 24: return "AES-192-" + mode
        case 32: return "AES-256-" + mode
        default: throw .invalidLength
        }
    }
}

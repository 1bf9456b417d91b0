import HostCrypto
import Platform

/// A decryption of CBC with padding. The last block is kept back until it is known to be the last.
final class UnpaddingCipher: StreamTransform {
    private let mode: AESMode
    private let key: StoredSecret
    /// The decryption of what comes in parts, once a part has come.
    private var stream: AESStream?
    /// The last whole block, as long as it may be the last of all.
    private var tail: [UInt8] = []

    init(_ mode: AESMode, _ key: StoredSecret) {
        self.mode = mode
        self.key = key
    }

    deinit { tail.wipe() }

    var isSecret: Bool { true }

    /// By how much the plaintext is shorter than the ciphertext only its end tells.
    func wholeSize(of count: Int) throws(SoftTokenError) -> OutputSize {
        guard count > 0, count % AESStream.blockSize == 0 else { throw .ciphertextLength }
        return OutputSize(least: count - AESStream.blockSize, most: count)
    }

    /// Data that are given at once have a stream of their own: the result may not be wanted, and others be given after them.
    func whole(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] {
        var stream = try newStream()
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try stream.update(data)
        } catch {
            throw SoftTokenError(error)
        }
        guard let count = Self.contentSize(bytes) else {
            bytes.wipe()
            throw .ciphertextInvalid
        }
        bytes.truncate(to: bytes.count - AESStream.blockSize + count)
        return bytes
    }

    func partSize(of count: Int) throws(SoftTokenError) -> Int {
        let (sum, overflows) = count.addingReportingOverflow(pendingCount + tail.count)
        guard !overflows else { throw .ciphertextLength }
        return max(0, sum - 1) / AESStream.blockSize * AESStream.blockSize
    }

    func part(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] {
        let size = try partSize(of: data.byteCount)
        if stream == nil { stream = try newStream() }
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try stream?.update(data) ?? []
        } catch {
            throw SoftTokenError(error)
        }
        if !tail.isEmpty {
            var joined: [UInt8] = []
            joined.reserveCapacity(tail.count + bytes.count)
            joined.append(contentsOf: tail)
            joined.append(contentsOf: bytes)
            bytes.wipe()
            tail.wipe()
            bytes = joined
        }
        tail = Array(bytes.suffix(bytes.count - size))
        bytes.truncate(to: size)
        return bytes
    }

    func endSize() throws(SoftTokenError) -> OutputSize {
        guard pendingCount == 0, tail.count == AESStream.blockSize else { throw .ciphertextLength }
        return OutputSize(least: 0, most: AESStream.blockSize)
    }

    func end() throws(SoftTokenError) -> [UInt8] {
        guard let size = Self.contentSize(tail) else { throw .ciphertextInvalid }
        return Array(tail.prefix(size))
    }

    private var pendingCount: Int { stream?.pendingCount ?? 0 }

    private func newStream() throws(SoftTokenError) -> AESStream {
        let mode = mode
        return try key.using { (bytes) throws(HostCryptoError) in
            try AESStream(mode, key: bytes, isEncrypting: false)
        }
    }

    /// How much of the last block is no padding (RFC 5652, section 6.3), or nil where the padding is none. All bytes are
    /// looked at, whatever they are.
    private static func contentSize(_ bytes: [UInt8]) -> Int? {
        let block = bytes.suffix(AESStream.blockSize)
        let count = block.last ?? 0
        var wrong: UInt8 = count == 0 || count > AESStream.blockSize ? 1 : 0
        for (index, byte) in block.enumerated() {
            let isPadding = index >= AESStream.blockSize - Int(min(count, 16))
            wrong |= isPadding ? byte ^ count : 0
        }
        return wrong == 0 ? AESStream.blockSize - Int(count) : nil
    }
}

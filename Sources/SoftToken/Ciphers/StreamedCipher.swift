import HostCrypto
import Platform

/// AES in a mode that gives out what it can of every part; filled up by PKCS #7 where the mode is to be.
final class StreamedCipher: StreamTransform {
    private var stream: AESStream
    private let isEncrypting: Bool
    /// Whether the last block is filled up: an encryption of CBC with padding.
    private let pads: Bool
    /// How much more may come, where the mode sets a limit.
    private var rest: UInt64?
    private let takesWholeBlocks: Bool

    init(
        _ mode: AESMode, _ key: StoredSecret, isEncrypting: Bool, pads: Bool, mostData: UInt64?
    ) throws(SoftTokenError) {
        stream = try key.using { (bytes) throws(HostCryptoError) in
            try AESStream(mode, key: bytes, isEncrypting: isEncrypting)
        }
        self.isEncrypting = isEncrypting
        self.pads = pads
        rest = mostData
        takesWholeBlocks = mode.takesWholeBlocks
    }

    var isSecret: Bool { !isEncrypting }

    func wholeSize(of count: Int) throws(SoftTokenError) -> OutputSize {
        let block = AESStream.blockSize
        guard pads || !takesWholeBlocks || count % block == 0 else { throw lengthError }
        guard pads else { return OutputSize(count) }
        let (size, overflows) = (count - count % block).addingReportingOverflow(block)
        guard !overflows else { throw lengthError }
        return OutputSize(size)
    }

    func whole(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] {
        let bytes = try part(data)
        return pads ? bytes + (try lastBlock()) : bytes
    }

    func partSize(of count: Int) throws(SoftTokenError) -> Int {
        guard let size = stream.outputSize(of: count) else { throw lengthError }
        return size
    }

    func part(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] {
        try takeFromRest(data.byteCount)
        do throws(HostCryptoError) {
            return try stream.update(data)
        } catch {
            throw SoftTokenError(error)
        }
    }

    func part(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int? {
        try takeFromRest(data.byteCount)
        do throws(HostCryptoError) {
            return try stream.update(data, into: buffer)
        } catch {
            throw SoftTokenError(error)
        }
    }

    func whole(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int? {
        pads ? nil : try part(data, into: buffer)
    }

    private func takeFromRest(_ count: Int) throws(SoftTokenError) {
        guard let rest else { return }
        // The counter must not come round (PKCS#11 3.2, section 6.11.3).
        guard count <= rest else { throw .dataLength }
        self.rest = rest - UInt64(count)
    }

    func endSize() throws(SoftTokenError) -> OutputSize {
        guard pads || stream.pendingCount == 0 else { throw lengthError }
        return OutputSize(pads ? AESStream.blockSize : 0)
    }

    func end() throws(SoftTokenError) -> [UInt8] { pads ? try lastBlock() : [] }

    private var lengthError: SoftTokenError { .length(isEncrypting: isEncrypting) }

    private func lastBlock() throws(SoftTokenError) -> [UInt8] {
        let missing = AESStream.blockSize - stream.pendingCount
        let padding = [UInt8](repeating: UInt8(truncatingIfNeeded: missing), count: missing)
        return try part(padding.span.bytes)
    }
}

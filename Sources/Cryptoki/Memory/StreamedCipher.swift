import HostCrypto
import Platform

/// AES in a mode that gives out what it can of every part; padded by PKCS #7 where the mechanism says so.
final class StreamedCipher: CipherOperation {
    let secretKey: SecretKeyUse?
    var privateKey: KeyUse?
    var isMultiPart = false
    private var stream: AESStream
    private let isEncrypting: Bool
    /// Whether the last block is filled up: an encryption of CBC with padding.
    private let pads: Bool
    /// How much more may come, where the mode sets a limit.
    private var rest: UInt64?
    private let takesWholeBlocks: Bool

    init(
        _ mode: AESMode, _ key: SecretKeyUse, isEncrypting: Bool, pads: Bool, mostData: UInt64?
    ) throws(ReturnCode) {
        stream = try key.secret.using { (bytes) throws(HostCryptoError) in
            try AESStream(mode, key: bytes, isEncrypting: isEncrypting)
        }
        secretKey = key
        self.isEncrypting = isEncrypting
        self.pads = pads
        rest = mostData
        takesWholeBlocks = mode.takesWholeBlocks
    }

    func process(
        _ data: RawSpan, capacity: Int?, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output {
        let block = AESStream.blockSize
        guard pads || !takesWholeBlocks || data.byteCount % block == 0 else { throw lengthError }
        let (size, overflows) =
            pads ? (data.byteCount - data.byteCount % block).addingReportingOverflow(block) : (data.byteCount, false)
        guard !overflows else { throw lengthError }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        let bytes = try advance(data)
        return result(pads ? bytes + (try lastBlock()) : bytes)
    }

    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        guard let size = stream.outputSize(of: part.byteCount) else { throw lengthError }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return result(try advance(part))
    }

    func finish(capacity: Int?, _ library: Library, _ session: Session) throws(ReturnCode) -> Output {
        guard pads || stream.pendingCount == 0 else { throw lengthError }
        if let early = Output.early(size: pads ? AESStream.blockSize : 0, capacity: capacity) { return early }
        return result(pads ? try lastBlock() : [])
    }

    private var lengthError: ReturnCode { CipherScheme.lengthError(isEncrypting: isEncrypting) }

    private func result(_ bytes: [UInt8]) -> Output { isEncrypting ? .bytes(bytes) : .plaintext(bytes) }

    private func advance(_ data: RawSpan) throws(ReturnCode) -> [UInt8] {
        if let rest {
            // The counter must not come round (PKCS#11 3.2, section 6.11.3).
            guard data.byteCount <= rest else { throw .dataLengthRange }
            self.rest = rest - UInt64(data.byteCount)
        }
        do throws(HostCryptoError) {
            return try stream.update(data)
        } catch {
            throw ReturnCode(error)
        }
    }

    private func lastBlock() throws(ReturnCode) -> [UInt8] {
        let missing = AESStream.blockSize - stream.pendingCount
        let padding = [UInt8](repeating: UInt8(truncatingIfNeeded: missing), count: missing)
        return try advance(padding.span.bytes)
    }
}

/// A decryption of CBC with padding. The last block is kept back until it is known to be the last.
final class UnpaddingCipher: CipherOperation {
    let secretKey: SecretKeyUse?
    var privateKey: KeyUse?
    var isMultiPart = false
    private let mode: AESMode
    private let secret: StoredSecret
    /// The decryption of what comes in parts, once a part has come.
    private var stream: AESStream?
    /// The last whole block, as long as it may be the last of all.
    private var tail: [UInt8] = []
    private var held = HeldOutput()

    init(_ mode: AESMode, _ key: SecretKeyUse) {
        self.mode = mode
        secret = key.secret
        secretKey = key
    }

    deinit {
        tail.wipe()
        held.wipe()
    }

    private func newStream() throws(ReturnCode) -> AESStream {
        let mode = mode
        return try secret.using { (bytes) throws(HostCryptoError) in
            try AESStream(mode, key: bytes, isEncrypting: false)
        }
    }

    /// A length query is answered with the ciphertext's length: by how much the plaintext is shorter, only its end tells.
    func process(
        _ data: RawSpan, capacity: Int?, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output {
        guard data.byteCount > 0, data.byteCount % AESStream.blockSize == 0 else { throw .encryptedDataLengthRange }
        guard let capacity else { return .length(data.byteCount) }
        // A buffer that no plaintext can fit into learns so before anything is computed.
        if capacity < data.byteCount - AESStream.blockSize { return .tooSmall(data.byteCount) }
        return try held.deliver(data, capacity: capacity) { () throws(ReturnCode) in
            .plaintext(try plaintext(of: data))
        }
    }

    /// A message that is given at once has a stream of its own: it may not fit, and another one be given after it.
    private func plaintext(of data: RawSpan) throws(ReturnCode) -> [UInt8] {
        var stream = try newStream()
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try stream.update(data)
        } catch {
            throw ReturnCode(error)
        }
        do throws(ReturnCode) {
            let count = try Self.contentSize(bytes)
            bytes.truncate(to: bytes.count - AESStream.blockSize + count)
        } catch {
            bytes.wipe()
            throw error
        }
        return bytes
    }

    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        let (sum, overflows) = part.byteCount.addingReportingOverflow(pendingCount + tail.count)
        guard !overflows else { throw .encryptedDataLengthRange }
        let size = max(0, sum - 1) / AESStream.blockSize * AESStream.blockSize
        if let early = Output.early(size: size, capacity: capacity) { return early }
        var bytes = try advance(part)
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
        return .plaintext(bytes)
    }

    func finish(capacity: Int?, _ library: Library, _ session: Session) throws(ReturnCode) -> Output {
        guard pendingCount == 0, tail.count == AESStream.blockSize else { throw .encryptedDataLengthRange }
        guard let capacity else { return .length(AESStream.blockSize) }
        let size = try Self.contentSize(tail)
        guard size <= capacity else { return .tooSmall(size) }
        return .plaintext(Array(tail.prefix(size)))
    }

    private var pendingCount: Int { stream?.pendingCount ?? 0 }

    private func advance(_ data: RawSpan) throws(ReturnCode) -> [UInt8] {
        if stream == nil { stream = try newStream() }
        do throws(HostCryptoError) {
            return try stream?.update(data) ?? []
        } catch {
            throw ReturnCode(error)
        }
    }

    /// How much of the last block is no padding (RFC 5652, section 6.3). All bytes are looked at, whatever they are.
    private static func contentSize(_ bytes: [UInt8]) throws(ReturnCode) -> Int {
        let block = bytes.suffix(AESStream.blockSize)
        let count = block.last ?? 0
        var wrong: UInt8 = count == 0 || count > AESStream.blockSize ? 1 : 0
        for (index, byte) in block.enumerated() {
            let isPadding = index >= AESStream.blockSize - Int(min(count, 16))
            wrong |= isPadding ? byte ^ count : 0
        }
        guard wrong == 0 else { throw .encryptedDataInvalid }
        return AESStream.blockSize - Int(count)
    }
}

import HostCrypto

/// An encryption in Galois/counter mode: the ciphertext comes with each part, the tag at the end.
final class SealingCipher: CipherOperation {
    let secretKey: SecretKeyUse?
    var privateKey: KeyUse?
    var isMultiPart = false
    private var sealing: AESGCMSealing?
    private let tagSize: Int

    init(_ parameters: GCMParameters, _ key: SecretKeyUse) throws(ReturnCode) {
        tagSize = parameters.tagBits / 8
        secretKey = key
        sealing = try key.secret.using { (bytes) throws(HostCryptoError) in
            try AESGCMSealing(key: bytes, iv: parameters.iv, authenticating: parameters.data)
        }
    }

    func process(
        _ data: RawSpan, capacity: Int?, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output {
        let (size, overflows) = data.byteCount.addingReportingOverflow(tagSize)
        guard !overflows else { throw .dataLengthRange }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return .bytes(try advance(data) + (try tag()))
    }

    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        if let early = Output.early(size: part.byteCount, capacity: capacity) { return early }
        return .bytes(try advance(part))
    }

    func finish(capacity: Int?, _ library: Library, _ session: Session) throws(ReturnCode) -> Output {
        if let early = Output.early(size: tagSize, capacity: capacity) { return early }
        return .bytes(try tag())
    }

    private func advance(_ data: RawSpan) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            guard let bytes = try sealing?.update(data) else { throw HostCryptoError.invalidLength }
            return bytes
        } catch {
            throw ReturnCode(error)
        }
    }

    /// The tag, which ends the computation.
    func tag() throws(ReturnCode) -> [UInt8] {
        guard let sealing = sealing.take() else { throw .operationNotInitialized }
        do throws(HostCryptoError) {
            return try sealing.finish(tagSize: tagSize)
        } catch {
            throw ReturnCode(error)
        }
    }
}

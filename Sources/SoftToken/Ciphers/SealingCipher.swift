import HostCrypto

/// An encryption in Galois/counter mode: the ciphertext comes with each part, the tag at the end.
public final class SealingCipher: StreamTransform {
    private var sealing: AESGCMSealing?
    private let tagSize: Int

    /// An encryption under a key. `parameterInvalid` where the vector or the tag has a length that the mode does not take.
    public init(_ parameters: GCMParameters, _ key: StoredSecret) throws(SoftTokenError) {
        try parameters.check()
        tagSize = parameters.tagBits / 8
        sealing = try key.using { (bytes) throws(HostCryptoError) in
            try AESGCMSealing(key: bytes, iv: parameters.iv, authenticating: parameters.data)
        }
    }

    /// See the requirement.
    public var isSecret: Bool { false }

    /// See the requirement.
    public func wholeSize(of count: Int) throws(SoftTokenError) -> OutputSize {
        let (size, overflows) = count.addingReportingOverflow(tagSize)
        guard !overflows else { throw .dataLength }
        return OutputSize(size)
    }

    /// See the requirement.
    public func whole(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] { try part(data) + (try end()) }

    /// See the requirement.
    public func partSize(of count: Int) throws(SoftTokenError) -> Int { count }

    /// See the requirement.
    public func part(_ data: RawSpan) throws(SoftTokenError) -> [UInt8] {
        do throws(HostCryptoError) {
            guard let bytes = try sealing?.update(data) else { throw HostCryptoError.invalidLength }
            return bytes
        } catch {
            throw SoftTokenError(error)
        }
    }

    /// See the requirement.
    public func endSize() throws(SoftTokenError) -> OutputSize { OutputSize(tagSize) }

    /// The tag, which ends the computation.
    public func end() throws(SoftTokenError) -> [UInt8] {
        guard let sealing = sealing.take() else { throw .ended }
        do throws(HostCryptoError) {
            return try sealing.finish(tagSize: tagSize)
        } catch {
            throw SoftTokenError(error)
        }
    }
}

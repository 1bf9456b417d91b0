import COpenSSL
import Keys

/// What the hash functions compute.
extension Digest {
    /// The hash of `data`.
    public func hash(_ data: RawSpan) throws(HostCryptoError) -> [UInt8] {
        var context = try DigestContext(self)
        try context.update(data)
        return try context.finish()
    }

    /// The hash of `data`.
    public func hash(_ data: [UInt8]) throws(HostCryptoError) -> [UInt8] { try hash(data.span.bytes) }

    /// DER of the DigestInfo of `hash`, which must have the function's length.
    public func digestInfo(_ hash: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard let information = digestInfo(of: hash) else { throw .invalidLength }
        return information
    }

    /// The function as libcrypto knows it.
    func fetched() throws(HostCryptoError) -> OpaquePointer { try FetchedAlgorithms.digest(rawValue) }
}

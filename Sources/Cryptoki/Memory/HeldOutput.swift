import HostCrypto

/// A result that a caller could not take in yet, and of what it is the result.
struct HeldOutput {
    var output: Output
    /// The SHA-256 hash of the data.
    private let hash: [UInt8]

    init(_ output: Output, of data: RawSpan) throws(ReturnCode) {
        self.output = output
        hash = try Self.hash(data)
    }

    /// Whether it is the result of these data.
    func isOf(_ data: RawSpan) throws(ReturnCode) -> Bool { try Self.hash(data) == hash }

    private static func hash(_ data: RawSpan) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            return try Digest.sha256.hash(data)
        } catch {
            throw ReturnCode(error)
        }
    }
}

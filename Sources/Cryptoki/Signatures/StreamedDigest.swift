import HostCrypto
import Keys

/// A digest over data that comes in parts.
final class StreamedDigest {
    let digest: Digest
    private var context: DigestContext?

    init(_ digest: Digest) throws(ReturnCode) {
        self.digest = digest
        do throws(HostCryptoError) {
            context = try DigestContext(digest)
        } catch {
            throw ReturnCode(error)
        }
    }

    func update(_ data: RawSpan) throws(ReturnCode) {
        do throws(HostCryptoError) {
            try context?.update(data)
        } catch {
            throw ReturnCode(error)
        }
    }

    /// The hash. Nothing can be added afterwards.
    func finish() throws(ReturnCode) -> [UInt8] {
        guard let context = context.take() else { throw .operationNotInitialized }
        do throws(HostCryptoError) {
            return try context.finish()
        } catch {
            throw ReturnCode(error)
        }
    }
}

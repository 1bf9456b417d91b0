import HostCrypto

/// A message authentication code in the making or in the check (PKCS#11 3.2, sections 6.14 and 6.20 to 6.31).
public final class MessageCode {
    /// How many bytes of the code are taken.
    public let size: Int
    private var context: MACContext?

    /// A code by this function, of which so many bytes are taken.
    public init(_ function: MACContext.Function, size: Int, _ key: StoredSecret) throws(SoftTokenError) {
        self.size = size
        context = try key.using { (bytes) throws(HostCryptoError) in try MACContext(function, key: bytes) }
    }

    /// Takes in data: all of it, or a part.
    public func update(_ part: RawSpan) throws(SoftTokenError) {
        do throws(HostCryptoError) {
            try context?.update(part)
        } catch {
            throw SoftTokenError(error)
        }
    }

    /// The code. Nothing can be added afterwards.
    public func finish() throws(SoftTokenError) -> [UInt8] {
        guard let context = context.take() else { throw .ended }
        do throws(HostCryptoError) {
            return Array(try context.finish().prefix(size))
        } catch {
            throw SoftTokenError(error)
        }
    }

    /// Throws unless this is the code: `codeLength`, `codeInvalid`.
    public func check(_ code: RawSpan) throws(SoftTokenError) {
        guard code.byteCount == size else { throw .codeLength }
        let expected = try finish()
        guard ConstantTime.equal(expected.span.bytes, code) else { throw .codeInvalid }
    }
}

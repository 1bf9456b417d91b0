import CPKCS11
import HostCrypto
import Platform

/// An object in this process's memory: made by a session, seen by all sessions of the process with the same token, and
/// gone with the session that made it. A value: a change puts another one into the object table.
struct SessionObject {
    let slot: Slot
    /// The session that made it, and with which it ends.
    let owner: UInt
    /// All attributes but the secret one.
    var attributes: [AttributeType: [UInt8]]
    /// CKA_VALUE of a secret key.
    let secret: StoredSecret?
    /// The key, where the object is a public one.
    let publicKey: PublicKey?
    /// The key, where the object is a private one. It is applied, and never given away.
    let privateKey: PrivateKey?

    var objectClass: UInt { number(CKA_CLASS) ?? CK_UNAVAILABLE_INFORMATION }
    var isPrivate: Bool { flag(CKA_PRIVATE) }

    /// Whether the secret value may be read: a key that is neither sensitive nor kept from leaving.
    var isReadable: Bool { !flag(CKA_SENSITIVE) && flag(CKA_EXTRACTABLE) }

    func attribute(_ type: AttributeType) -> AttributeAnswer {
        if privateKey?.publicKey.hasPrivateNumber(type) == true { return .sensitive }
        if type == CKA_VALUE, let secret { return isReadable ? .secret(secret.copy()) : .sensitive }
        return attributes[type].map { .value($0) } ?? .absent
    }

    func flag(_ type: AttributeType) -> Bool { attributes[type] == [1] }

    func number(_ type: AttributeType) -> UInt? { attributes[type].flatMap { UInt(nativeBytes: $0) } }
}

/// A secret key's value, or a plaintext on its way to the caller: wiped with its last reference.
public final class StoredSecret: @unchecked Sendable {
    private let buffer: SecretBuffer
    private let lock = Lock()
    /// Guarded by `lock`.
    private var messageNumber: UInt64 = 0

    init(_ bytes: [UInt8]) throws(ReturnCode) {
        do throws(HostCryptoError) {
            buffer = try SecretBuffer(bytes.span.bytes)
        } catch {
            throw .hostMemory
        }
    }

    /// The bytes, which are wiped and emptied where they were.
    init(wiping bytes: inout [UInt8]) throws(ReturnCode) {
        do throws(HostCryptoError) {
            buffer = try SecretBuffer(wiping: &bytes)
        } catch {
            throw .hostMemory
        }
    }

    /// The number of bytes.
    public var count: Int { withBytes { $0.byteCount } }

    /// Lends the bytes.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try buffer.withBytes(body) }

    /// Computes with the value.
    func using<R: ~Copyable>(_ body: (RawSpan) throws(HostCryptoError) -> R) throws(ReturnCode) -> R {
        do throws(HostCryptoError) {
            return try buffer.withBytes(body)
        } catch {
            throw ReturnCode(error)
        }
    }

    /// How many messages have been given a counter under this value, whatever session, operation or copy of the key.
    func nextMessageNumber() -> UInt64 {
        lock.withLock {
            defer { messageNumber += 1 }
            return messageNumber
        }
    }

    /// The value for a caller who may have it, and who wipes it.
    func copy() -> [UInt8] { withBytes { [UInt8]($0) } }
}

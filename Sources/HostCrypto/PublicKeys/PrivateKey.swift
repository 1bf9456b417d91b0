import COpenSSL
import Keys

/// A private key in the host's memory: the simulated cards' side, keys to be imported into a card, and session objects.
/// The keys on a card never come here.
public final class PrivateKey: Sendable {
    /// The type and size of the key.
    public let type: KeyType
    /// The other half.
    public let publicKey: PublicKey
    // Only read after it was made, which libcrypto allows from several threads.
    nonisolated(unsafe) let key: OpaquePointer

    /// Takes over a reference to a key whose type is known.
    init(adopting handle: consuming NativeHandle, type: KeyType) throws(HostCryptoError) {
        let pointer = handle.pointer
        publicKey = try PublicKey(of: pointer, type: type)
        self.type = type
        try require(EVP_PKEY_up_ref(pointer), "EVP_PKEY_up_ref")
        key = pointer
    }

    deinit { EVP_PKEY_free(key) }

    /// A new random key. RSA takes 1024 to 4096 bits, in steps of 8, and has the exponent 65537.
    public static func generate(_ type: KeyType) throws(HostCryptoError) -> PrivateKey {
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try NativeHandle(
            EVP_PKEY_CTX_new_from_name(library, type.nativeName, nil), step: "EVP_PKEY_CTX_new_from_name",
            free: EVP_PKEY_CTX_free)
        try require(EVP_PKEY_keygen_init(context.pointer), "EVP_PKEY_keygen_init")
        switch type {
        case .rsa(let bits):
            guard (1024...4096).contains(bits), bits % 8 == 0 else { throw .invalidLength }
            try require(
                EVP_PKEY_CTX_set_rsa_keygen_bits(context.pointer, Int32(bits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
        case .ec(let curve):
            try require(EVP_PKEY_CTX_set_group_name(context.pointer, curve.nativeName), "EVP_PKEY_CTX_set_group_name")
        case .edwards, .montgomery: break
        }
        var key: OpaquePointer?
        try require(EVP_PKEY_generate(context.pointer, &key), "EVP_PKEY_generate")
        return try PrivateKey(
            adopting: NativeHandle(key, step: "EVP_PKEY_generate", free: EVP_PKEY_free), type: type)
    }
}

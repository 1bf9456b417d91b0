import HostCrypto
import Platform
import SoftToken
import Token

/// An RSA ciphertext that a private key deciphers (PKCS#11 3.2, sections 6.1.6, 6.1.8 and 6.1.9).
struct PrivateKeyDecryption: WholeMessage {
    private let key: PrivateKeyUse
    private let encryption: RSAEncryption
    private let mostPlaintext: Int
    private let modulus: [UInt8]

    /// - Throws: CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE, or what `errors` calls them.
    init(_ encryption: RSAEncryption, _ key: PrivateKeyUse, _ errors: KeyErrors = .key) throws(ReturnCode) {
        guard case .rsa(let modulus, _) = key.publicKey else { throw errors.typeInconsistent }
        do throws(SoftTokenError) {
            mostPlaintext = try encryption.mostData(modulusSize: modulus.count)
        } catch {
            throw error == .keySize ? errors.sizeRange : ReturnCode(error)
        }
        self.modulus = modulus
        self.encryption = encryption
        self.key = key
    }

    var mostInput: Int { modulus.count }
    var isSecret: Bool { true }
    var isKept: Bool { key.required != nil }
    var isSizeExact: Bool {
        if case .raw = encryption { return true }
        return false
    }

    /// From the key's size; the plaintext is at most that long.
    func outputSize(for count: Int) -> Int { mostPlaintext }

    func check(_ count: Int) throws(ReturnCode) {
        guard count == modulus.count else { throw .encryptedDataLengthRange }
    }

    /// The plaintext; CKR_ENCRYPTED_DATA_INVALID for all the ways in which a ciphertext of the right length can be wrong.
    func run(_ message: RawSpan) throws(ReturnCode) -> [UInt8] {
        let ciphertext = [UInt8](message)
        guard ciphertext.lexicographicallyPrecedes(modulus) else { throw .encryptedDataInvalid }
        var block = try key.decipher(ciphertext)
        if key.key.padsRSA { return block }
        defer { block.wipe() }
        guard block.count == modulus.count else { throw .deviceError }
        return try ReturnCode.naming(.encryptedDataInvalid) { () throws(HostCryptoError) in
            try encryption.plaintext(in: block)
        }
    }
}

import CPKCS11
import Platform

/// Chapter "Decryption functions" (PKCS#11 3.2, section 5.10).
extension Session {
    /// C_DecryptInit.
    public func decryptInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.decrypt) { () throws(ReturnCode) in try decryption(mechanism, key) }
    }

    private func decryption(
        _ mechanism: Mechanism, _ key: UInt
    ) throws(ReturnCode) -> KeyedOperation<any CipherOperation> {
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.cipher {
            if let operation = try cardCipher(mechanism, key, isEncrypting: false) { return operation }
            let key = try secretKey(key, for: CKA_DECRYPT, mechanism.type, .aes)
            let cipher = try scheme.operation(mechanism.parameter, key.secret, isEncrypting: false)
            return KeyedOperation(cipher, with: .secret(key))
        }
        guard let scheme = entry?.rsaCipher else { throw .mechanismInvalid }
        let encryption = try scheme.encryption(mechanism.parameter)
        let key = try privateKey(key, for: .decrypt, CKA_DECRYPT, mechanism.type, where: \.isRSA)
        let decryption = try PrivateKeyDecryption(encryption, key)
        guard scheme.isPossible(ifCardPadsRSA: key.isCardPadding) else { throw .mechanismInvalid }
        return KeyedOperation(WholeCipher(decryption), with: .privateKey(key))
    }

    /// C_Decrypt.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    public func decrypt(
        ciphertext: RawSpan, capacity: Int?, into buffer: OutputBuffer? = nil
    ) throws(ReturnCode) -> Output {
        try process(.decrypt, ciphertext, capacity, buffer)
    }

    /// C_DecryptUpdate.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    public func decryptUpdate(
        part: RawSpan, capacity: Int?, into buffer: OutputBuffer? = nil
    ) throws(ReturnCode) -> Output {
        try update(.decrypt, part, capacity, buffer)
    }

    /// C_DecryptFinal.
    public func decryptFinal(capacity: Int?) throws(ReturnCode) -> Output { try finish(.decrypt, capacity) }
}

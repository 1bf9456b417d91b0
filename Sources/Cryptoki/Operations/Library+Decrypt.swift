import CPKCS11

/// Chapter "Decryption functions" (PKCS#11 3.2, section 5.10).
extension Library {
    /// C_DecryptInit.
    public func decryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_DECRYPT)
            session.decryption = try decryption(mechanism, key, session)
        }
    }

    private func decryption(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session
    ) throws(ReturnCode) -> any CipherOperation {
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.cipher {
            if let operation = try cardCipher(mechanism, key, session, isEncrypting: false) { return operation }
            let key = try secretKey(key, in: session, for: CKA_DECRYPT, mechanism.type, .aes)
            return try scheme.operation(mechanism.parameter, key, isEncrypting: false)
        }
        guard let scheme = entry?.rsaCipher else { throw .mechanismInvalid }
        let encryption = try RSAEncryption(scheme, mechanism.parameter)
        let key = try privateKey(key, in: session, for: .decrypt, CKA_DECRYPT, mechanism.type, where: \.isRSA)
        let decryption = try PrivateKeyDecryption(encryption, key)
        guard scheme.isPossible(ifCardPadsRSA: key.token.padsRSA) else { throw .mechanismInvalid }
        return WholeCipher(decryption, nil, privateKey: key)
    }

    /// C_Decrypt.
    public func decrypt(_ handle: UInt, ciphertext: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.decryption) { (operation, session) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            return try operation.process(ciphertext, capacity: capacity, self, session)
        }
    }

    /// C_DecryptUpdate.
    public func decryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.decryption, ends: false) { (operation, _) throws(ReturnCode) in
            if capacity != nil { operation.isMultiPart = true }
            return try operation.update(part, capacity: capacity)
        }
    }

    /// C_DecryptFinal.
    public func decryptFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.decryption) { (operation, session) throws(ReturnCode) in
            try operation.finish(capacity: capacity, self, session)
        }
    }
}

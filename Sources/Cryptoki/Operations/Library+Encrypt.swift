import CPKCS11

/// Chapter "Encryption functions" (PKCS#11 3.2, section 5.8).
extension Library {
    /// C_EncryptInit.
    public func encryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_ENCRYPT)
            session.encryption = try encryption(mechanism, key, session)
        }
    }

    private func encryption(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session
    ) throws(ReturnCode) -> any CipherOperation {
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.cipher {
            if let operation = try cardCipher(mechanism, key, session, isEncrypting: true) { return operation }
            let key = try secretKey(key, in: session, for: CKA_ENCRYPT, mechanism.type, .aes)
            return try scheme.operation(mechanism.parameter, key, isEncrypting: true)
        }
        guard let scheme = entry?.rsaCipher else { throw .mechanismInvalid }
        let encryption = try RSAEncryption(scheme, mechanism.parameter)
        let key = try publicKey(key, in: session, for: CKA_ENCRYPT, mechanism.type, where: \.isRSA)
        return WholeCipher(try PublicKeyEncryption(encryption, key), nil)
    }

    /// C_Encrypt.
    public func encrypt(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.encryption) { (operation, session) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            return try operation.process(data, capacity: capacity, self, session)
        }
    }

    /// C_EncryptUpdate.
    public func encryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.encryption, ends: false) { (operation, _) throws(ReturnCode) in
            if capacity != nil { operation.isMultiPart = true }
            return try operation.update(part, capacity: capacity)
        }
    }

    /// C_EncryptFinal.
    public func encryptFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withCipher(handle, \.encryption) { (operation, session) throws(ReturnCode) in
            try operation.finish(capacity: capacity, self, session)
        }
    }

    /// Runs a step of the session's encryption or decryption. An error ends the operation, and so does a result where the
    /// step is the last one.
    func withCipher(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, (any CipherOperation)?>, ends: Bool = true,
        _ body: (any CipherOperation, Session) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let operation = session[keyPath: place] else { throw .operationNotInitialized }
            session[keyPath: place] = nil
            try checkStillVisible(operation.secretKey, in: session)
            let output = try body(operation, session)
            if !ends || !output.isResult { session[keyPath: place] = operation }
            return output
        }
    }
}

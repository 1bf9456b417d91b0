import CPKCS11

/// Chapters "Message-based encryption functions" and "Message-based decryption functions" (PKCS#11 3.2, sections 5.9 and
/// 5.11).
extension Library {
    /// C_MessageEncryptInit.
    public func messageEncryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginMessages(handle, mechanism, key, \.messageEncryption, CKF_MESSAGE_ENCRYPT, CKA_ENCRYPT)
    }

    /// C_MessageDecryptInit.
    public func messageDecryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginMessages(handle, mechanism, key, \.messageDecryption, CKF_MESSAGE_DECRYPT, CKA_DECRYPT)
    }

    /// C_EncryptMessage.
    public func encryptMessage(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8], plaintext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> (Output, MessageResult?) {
        try withMessages(handle, \.messageEncryption) { (cipher) throws(ReturnCode) in
            try cipher.encrypt(parameters, data, plaintext, capacity)
        }
    }

    /// C_EncryptMessageBegin. Returns the message's vector.
    public func encryptMessageBegin(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try withMessages(handle, \.messageEncryption) { (cipher) throws(ReturnCode) in
            try cipher.beginEncryption(parameters, data)
        }
    }

    /// C_EncryptMessageNext. With the last part comes the tag.
    public func encryptMessageNext(
        _ handle: UInt, part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> (Output, [UInt8]?) {
        try withMessages(handle, \.messageEncryption) { (cipher) throws(ReturnCode) in
            try cipher.encryptPart(part, capacity, isLast: flags & CKF_END_OF_MESSAGE != 0)
        }
    }

    /// C_DecryptMessage.
    public func decryptMessage(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8], ciphertext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> Output {
        try withMessages(handle, \.messageDecryption) { (cipher) throws(ReturnCode) in
            try cipher.decrypt(parameters, data, ciphertext, capacity)
        }
    }

    /// C_DecryptMessageBegin.
    public func decryptMessageBegin(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) {
        try withMessages(handle, \.messageDecryption) { (cipher) throws(ReturnCode) in
            try cipher.beginDecryption(parameters, data)
        }
    }

    /// C_DecryptMessageNext. The plaintext comes with the last part.
    public func decryptMessageNext(
        _ handle: UInt, _ parameters: MessageParameters, part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> Output {
        try withMessages(handle, \.messageDecryption) { (cipher) throws(ReturnCode) in
            try cipher.decryptPart(part, parameters, capacity, isLast: flags & CKF_END_OF_MESSAGE != 0)
        }
    }

    /// C_MessageEncryptFinal.
    public func messageEncryptFinal(_ handle: UInt) throws(ReturnCode) { try endMessages(handle, \.messageEncryption) }

    /// C_MessageDecryptFinal.
    public func messageDecryptFinal(_ handle: UInt) throws(ReturnCode) { try endMessages(handle, \.messageDecryption) }

    /// Throws CKR_OPERATION_NOT_INITIALIZED unless there is such a series.
    ///
    /// - Parameter operation: CKF_MESSAGE_…
    public func checkMessages(_ handle: UInt, _ operation: UInt) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard session.activeOperations & operation != 0 else { throw .operationNotInitialized }
        }
    }

    private func beginMessages(
        _ handle: UInt, _ mechanism: Mechanism, _ key: UInt, _ place: ReferenceWritableKeyPath<Session, MessageCipher?>,
        _ operation: UInt, _ usage: AttributeType
    ) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: operation)
            guard MechanismCatalogue.entry(mechanism.type)?.isForMessages == true else { throw .mechanismInvalid }
            guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
            session[keyPath: place] = MessageCipher(
                try secretKey(key, in: session, for: usage, mechanism.type, .aes))
        }
    }

    /// Runs a step of the session's messages. An error ends the message, and not the series.
    private func withMessages<R>(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, MessageCipher?>,
        _ body: (MessageCipher) throws(ReturnCode) -> R
    ) throws(ReturnCode) -> R {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let cipher = session[keyPath: place] else { throw .operationNotInitialized }
            do throws(ReturnCode) {
                try checkStillVisible(cipher.key, in: session)
            } catch {
                session[keyPath: place] = nil
                throw error
            }
            return try body(cipher)
        }
    }

    private func endMessages(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, MessageCipher?>
    ) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard let cipher = session[keyPath: place] else { throw .operationNotInitialized }
            try cipher.checkIdle()
            session[keyPath: place] = nil
        }
    }
}

import CPKCS11

/// Chapters "Message-based encryption functions" and "Message-based decryption functions" (PKCS#11 3.2, sections 5.9 and
/// 5.11).
extension Session {
    /// C_MessageEncryptInit.
    public func messageEncryptInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginMessages(.messageEncrypt, mechanism, key, CKA_ENCRYPT)
    }

    /// C_MessageDecryptInit.
    public func messageDecryptInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginMessages(.messageDecrypt, mechanism, key, CKA_DECRYPT)
    }

    /// C_EncryptMessage.
    public func encryptMessage(
        _ parameters: MessageParameters, authenticating data: [UInt8], plaintext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> (Output, MessageResult?) {
        try withMessages(.messageEncrypt) { (cipher) throws(ReturnCode) in
            try cipher.encrypt(parameters, data, plaintext, capacity)
        }
    }

    /// C_EncryptMessageBegin. Returns the message's vector.
    public func encryptMessageBegin(
        _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try withMessages(.messageEncrypt) { (cipher) throws(ReturnCode) in
            try cipher.beginEncryption(parameters, data)
        }
    }

    /// C_EncryptMessageNext. With the last part comes the tag.
    public func encryptMessageNext(
        part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> (Output, [UInt8]?) {
        try withMessages(.messageEncrypt) { (cipher) throws(ReturnCode) in
            try cipher.encryptPart(part, capacity, isLast: flags & CKF_END_OF_MESSAGE != 0)
        }
    }

    /// C_DecryptMessage.
    public func decryptMessage(
        _ parameters: MessageParameters, authenticating data: [UInt8], ciphertext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> Output {
        try withMessages(.messageDecrypt) { (cipher) throws(ReturnCode) in
            try cipher.decrypt(parameters, data, ciphertext, capacity)
        }
    }

    /// C_DecryptMessageBegin.
    public func decryptMessageBegin(
        _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) {
        try withMessages(.messageDecrypt) { (cipher) throws(ReturnCode) in
            try cipher.beginDecryption(parameters, data)
        }
    }

    /// C_DecryptMessageNext. The plaintext comes with the last part.
    public func decryptMessageNext(
        _ parameters: MessageParameters, part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> Output {
        try withMessages(.messageDecrypt) { (cipher) throws(ReturnCode) in
            try cipher.decryptPart(part, parameters, capacity, isLast: flags & CKF_END_OF_MESSAGE != 0)
        }
    }

    /// C_MessageEncryptFinal.
    public func messageEncryptFinal() throws(ReturnCode) { try endMessages(.messageEncrypt) }

    /// C_MessageDecryptFinal.
    public func messageDecryptFinal() throws(ReturnCode) { try endMessages(.messageDecrypt) }

    /// Throws CKR_OPERATION_NOT_INITIALIZED unless there is such a series.
    ///
    /// - Parameter operation: CKF_MESSAGE_…
    public func checkMessages(_ operation: UInt) throws(ReturnCode) {
        guard record.operations.withLock({ $0.active & operation != 0 }) else { throw .operationNotInitialized }
    }

    /// Ends the message that has begun, and not the series, for a function that goes on with the message and cannot use its
    /// arguments: an error "other than CKR_BUFFER_TOO_SMALL terminates the current message" (sections 5.9, 5.11, 5.14, 5.16).
    ///
    /// - Parameter operation: CKF_MESSAGE_…
    public func abandonMessage(_ operation: UInt) {
        record.operations.withLock { abandonMessage($0, operation) }
    }

    private func beginMessages(
        _ kind: OperationKind<MessageCipher>, _ mechanism: Mechanism, _ key: UInt, _ usage: AttributeType
    ) throws(ReturnCode) {
        try checkPresence()
        try begin(kind) { () throws(ReturnCode) in
            guard MechanismCatalogue.entry(mechanism.type)?.isForMessages == true else { throw .mechanismInvalid }
            guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
            return MessageCipher(try secretKey(key, for: usage, mechanism.type, .aes), library.messageCounters)
        }
    }

    /// Runs a step of the session's messages. An error in going on with a message ends it, and not the series.
    private func withMessages<R>(
        _ kind: OperationKind<MessageCipher>, _ body: (MessageCipher) throws(ReturnCode) -> R
    ) throws(ReturnCode) -> R {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let cipher = operations.take(kind) else { throw .operationNotInitialized }
            try check(.secret(cipher.key), isForResult: true)
            operations.put(cipher, kind)
            return try body(cipher)
        }
    }

    private func endMessages(_ kind: OperationKind<MessageCipher>) throws(ReturnCode) {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let cipher = operations[kind] else { throw .operationNotInitialized }
            try cipher.checkIdle()
            _ = operations.take(kind)
        }
    }
}

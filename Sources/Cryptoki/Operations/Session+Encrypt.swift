import CPKCS11
import Platform

/// Chapter "Encryption functions" (PKCS#11 3.2, section 5.8).
extension Session {
    /// C_EncryptInit.
    public func encryptInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.encrypt) { () throws(ReturnCode) in try encryption(mechanism, key) }
    }

    private func encryption(
        _ mechanism: Mechanism, _ key: UInt
    ) throws(ReturnCode) -> KeyedOperation<any CipherOperation> {
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.cipher {
            if let operation = try cardCipher(mechanism, key, isEncrypting: true) { return operation }
            let key = try secretKey(key, for: CKA_ENCRYPT, mechanism.type, .aes)
            let cipher = try scheme.operation(mechanism.parameter, key.secret, isEncrypting: true)
            return KeyedOperation(cipher, with: .secret(key))
        }
        guard let scheme = entry?.rsaCipher else { throw .mechanismInvalid }
        let encryption = try scheme.encryption(mechanism.parameter)
        let key = try publicKey(key, for: CKA_ENCRYPT, mechanism.type, where: \.isRSA)
        return KeyedOperation(WholeCipher(try PublicKeyEncryption(encryption, key)), with: .open)
    }

    /// C_Encrypt.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    public func encrypt(
        data: RawSpan, capacity: Int?, into buffer: OutputBuffer? = nil
    ) throws(ReturnCode) -> Output {
        try process(.encrypt, data, capacity, buffer)
    }

    /// C_EncryptUpdate.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    public func encryptUpdate(
        part: RawSpan, capacity: Int?, into buffer: OutputBuffer? = nil
    ) throws(ReturnCode) -> Output {
        try update(.encrypt, part, capacity, buffer)
    }

    /// C_EncryptFinal.
    public func encryptFinal(capacity: Int?) throws(ReturnCode) -> Output { try finish(.encrypt, capacity) }
}

/// What encryptions and decryptions have in common.
extension Session {
    /// A kind of operation that encrypts or decrypts.
    typealias CipherKind = OperationKind<KeyedOperation<any CipherOperation>>

    func process(
        _ kind: CipherKind, _ data: RawSpan, _ capacity: Int?, _ buffer: OutputBuffer?
    ) throws(ReturnCode) -> Output {
        try step(kind, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            return try operation.computation.process(data, capacity: capacity, into: buffer)
        }
    }

    func update(
        _ kind: CipherKind, _ part: RawSpan, _ capacity: Int?, _ buffer: OutputBuffer?
    ) throws(ReturnCode) -> Output {
        try step(kind, isLast: false, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            if capacity != nil { operation.isMultiPart = true }
            return try operation.computation.update(part, capacity: capacity, into: buffer)
        }
    }

    func finish(_ kind: CipherKind, _ capacity: Int?) throws(ReturnCode) -> Output {
        try step(kind, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            try operation.computation.finish(capacity: capacity)
        }
    }
}

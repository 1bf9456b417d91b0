import CPKCS11
import HostCrypto
import Platform
import Token

/// A decryption in the making.
struct DecryptionOperation {
    var key: KeyUse
    /// The plaintext, where the card has already given it and the caller's buffer was too small. A second call with
    /// a larger buffer then costs nothing, and no second touch or PIN.
    var plaintext: StoredSecret?
    /// The ciphertext so far, from C_DecryptUpdate.
    var ciphertext: [UInt8] = []
    /// Whether C_DecryptUpdate was called.
    var isMultiPart = false

    var modulusSize: Int { key.publicKey.signatureSize }
}

/// Chapter "Decryption functions" (PKCS#11 3.2, section 5.10).
extension Library {
    /// C_DecryptInit.
    public func decryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom()
            guard mechanism.type == CKM_RSA_PKCS else { throw .mechanismInvalid }
            guard mechanism.isPlain else { throw .mechanismParameterInvalid }
            let key = try privateKey(key, in: session, for: .decrypt)
            guard case .rsa = key.publicKey else { throw .keyTypeInconsistent }
            session.decryption = DecryptionOperation(key: key)
        }
    }

    /// C_Decrypt. A length query is answered from the key's size; the plaintext is at most that long.
    public func decrypt(_ handle: UInt, ciphertext: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withDecryption(handle) { (operation, session) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            guard capacity != nil else { return .length(operation.modulusSize - 11) }
            guard ciphertext.byteCount == operation.modulusSize else { throw .encryptedDataLengthRange }
            return try finish(&operation, session, ciphertext.withUnsafeBytes { [UInt8]($0) }, capacity)
        }
    }

    /// C_DecryptUpdate: takes ciphertext in and gives nothing out, since the block is not whole yet.
    ///
    /// - Parameter isQuery: the caller gave no buffer and only asks for the length, which is zero.
    public func decryptUpdate(_ handle: UInt, part: RawSpan, isQuery: Bool) throws(ReturnCode) {
        _ = try withDecryption(handle) { (operation, _) throws(ReturnCode) in
            if isQuery { return .length(0) }
            operation.isMultiPart = true
            guard part.byteCount <= operation.modulusSize - operation.ciphertext.count else {
                throw .encryptedDataLengthRange
            }
            part.withUnsafeBytes { operation.ciphertext.append(contentsOf: $0) }
            return .length(0)
        }
    }

    /// C_DecryptFinal.
    public func decryptFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withDecryption(handle) { (operation, session) throws(ReturnCode) in
            guard capacity != nil else { return .length(operation.modulusSize - 11) }
            guard operation.ciphertext.count == operation.modulusSize else { throw .encryptedDataLengthRange }
            return try finish(&operation, session, operation.ciphertext, capacity)
        }
    }

    private func withDecryption(
        _ handle: UInt, _ body: (inout DecryptionOperation, Session) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard var operation = session.decryption else { throw .operationNotInitialized }
            session.decryption = nil
            let output = try body(&operation, session)
            if case .secret = output { return output }
            session.decryption = operation
            return output
        }
    }

    private func finish(
        _ operation: inout DecryptionOperation, _ session: Session, _ ciphertext: [UInt8], _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        try checkStillVisible(operation.key, in: session)
        let plaintext = if let known = operation.plaintext { known } else { try decipher(operation, ciphertext) }
        if let early = Output.early(size: plaintext.count, capacity: capacity) {
            operation.plaintext = plaintext
            return early
        }
        return .secret(plaintext)
    }

    private func decipher(_ operation: DecryptionOperation, _ ciphertext: [UInt8]) throws(ReturnCode) -> StoredSecret {
        let object = operation.key.object
        var block: [UInt8]
        do throws(ReturnCode) {
            block = try asking(object.slot, object.token, "C_Decrypt") { () throws(TokenError) in
                try object.token.decipher(
                    with: object.reference, ciphertext: ciphertext, authorization: operation.key.authorization)
            }
        } catch {
            throw error == .dataInvalid ? .encryptedDataInvalid : error
        }
        defer { block.wipe() }
        if object.token.padsRSA { return try StoredSecret(wiping: &block) }
        guard block.count == operation.modulusSize else { throw .deviceError }
        var plaintext: [UInt8]
        do throws(HostCryptoError) {
            plaintext = try RSAPadding.pkcs1Message(in: block)
        } catch {
            // One answer for all the ways in which a padding can be wrong.
            throw .encryptedDataInvalid
        }
        return try StoredSecret(wiping: &plaintext)
    }
}

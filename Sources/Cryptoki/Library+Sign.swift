import CPKCS11
import HostCrypto
import Token

/// Chapter "Signing and MACing functions" (PKCS#11 3.2, section 5.13).
extension Library {
    /// C_SignInit. For a key that always authenticates see `Session.makeRoom`; the first use of any key after
    /// C_Login(CKU_USER) is covered by that login.
    public func signInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom()
            guard SigningScheme(mechanism.type) != nil else { throw .mechanismInvalid }
            let key = try privateKey(key, in: session, for: .sign)
            session.signing = SigningOperation(input: try SignatureInput(mechanism, key.publicKey), key: key)
        }
    }

    /// C_Sign.
    public func sign(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withSigning(handle) { (operation, session) throws(ReturnCode) in
            guard !operation.input.isMultiPart else { throw .operationActive }
            if let early = Output.early(size: operation.input.signatureSize, capacity: capacity) { return early }
            try operation.input.update(data)
            return .bytes(try finish(&operation, session))
        }
    }

    /// C_SignUpdate.
    public func signUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        _ = try withSigning(handle) { (operation, _) throws(ReturnCode) in
            operation.input.isMultiPart = true
            try operation.input.update(part)
            return .length(0)
        }
    }

    /// C_SignFinal.
    public func signFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withSigning(handle) { (operation, session) throws(ReturnCode) in
            if let early = Output.early(size: operation.input.signatureSize, capacity: capacity) { return early }
            return .bytes(try finish(&operation, session))
        }
    }

    /// Runs a step of the session's signature. A result or an error ends the operation.
    private func withSigning(
        _ handle: UInt, _ body: (inout SigningOperation, Session) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard var operation = session.signing else { throw .operationNotInitialized }
            session.signing = nil
            let output = try body(&operation, session)
            if case .bytes = output { return output }
            session.signing = operation
            return output
        }
    }

    private func finish(_ operation: inout SigningOperation, _ session: Session) throws(ReturnCode) -> [UInt8] {
        try checkStillVisible(operation.key, in: session)
        let block = try operation.input.block()
        let object = operation.key.object
        let answer = try asking(object.slot, object.token, "C_Sign") { () throws(TokenError) in
            try object.token.sign(
                with: object.reference, input: object.token.padsRSA ? block.unpadded : block.padded,
                authorization: operation.key.authorization)
        }
        let signature = try operation.input.signature(from: answer)
        if case .rsa = operation.key.publicKey {
            // A fault in the card's computation would give its key away (Boneh, DeMillo, Lipton 1997).
            guard (try? operation.key.publicKey.rsaPublicOperation(signature)) == block.padded else {
                log.line("C_Sign: the card's signature does not verify; it is withheld")
                throw .deviceError
            }
        }
        return signature
    }
}

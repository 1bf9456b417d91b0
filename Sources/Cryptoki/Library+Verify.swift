import CPKCS11
import HostCrypto
import Token

/// A verification in the making; all of it happens on the host.
struct VerificationOperation {
    var input: SignatureInput

    /// Throws CKR_SIGNATURE_INVALID unless the signature is right.
    func check(_ given: RawSpan) throws(ReturnCode) {
        guard given.byteCount == input.signatureSize else { throw .signatureLengthRange }
        let signature = given.withUnsafeBytes { [UInt8]($0) }
        let block = try input.block().padded
        let isRight: Bool
        do throws(HostCryptoError) {
            switch input.publicKey {
            case .rsa: isRight = try input.publicKey.rsaPublicOperation(signature) == block
            case .ec(let curve, _):
                let pair = try ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize)
                isRight = try input.publicKey.verifyECDSA(pair, hash: block)
            case .ed25519, .ed448: isRight = try input.publicKey.verifyEdDSA(signature, message: block)
            case .x25519, .x448: isRight = false
            }
        } catch {
            throw .signatureInvalid
        }
        guard isRight else { throw .signatureInvalid }
    }
}

/// Chapter "Functions for verifying signatures and MACs" (PKCS#11 3.2, section 5.15).
extension Library {
    /// C_VerifyInit.
    public func verifyInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom()
            guard SigningScheme(mechanism.type) != nil else { throw .mechanismInvalid }
            let key = try publicKey(key, in: session, for: CKA_VERIFY)
            session.verification = VerificationOperation(input: try SignatureInput(mechanism, key))
        }
    }

    /// C_Verify.
    public func verify(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation) throws(ReturnCode) in
            guard !operation.input.isMultiPart else { throw .operationActive }
            try operation.input.update(data)
            try operation.check(signature)
        }
    }

    /// C_VerifyUpdate.
    public func verifyUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: false) { (operation) throws(ReturnCode) in
            operation.input.isMultiPart = true
            try operation.input.update(part)
        }
    }

    /// C_VerifyFinal.
    public func verifyFinal(_ handle: UInt, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation) throws(ReturnCode) in try operation.check(signature) }
    }

    /// Runs a step of the session's verification. An error ends the operation too.
    private func withVerification(
        _ handle: UInt, ending: Bool, _ body: (inout VerificationOperation) throws(ReturnCode) -> Void
    ) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard var operation = session.verification else { throw .operationNotInitialized }
            session.verification = nil
            try body(&operation)
            if !ending { session.verification = operation }
        }
    }
}

import CPKCS11
import HostCrypto
import Token

/// Chapter "Functions for verifying signatures and MACs" (PKCS#11 3.2, section 5.15).
extension Session {
    /// C_VerifyInit, or with a signature C_VerifySignatureInit.
    public func verifyInit(mechanism: Mechanism, key: UInt, signature: [UInt8]? = nil) throws(ReturnCode) {
        // The card has no part in it, and to ask whether it is still there takes longer than the verification.
        try begin(.verify) { () throws(ReturnCode) in try verification(mechanism, key, signature: signature) }
    }

    /// The check of a signature, or of a code, that begins.
    func verification(
        _ mechanism: Mechanism, _ key: UInt, signature: [UInt8]? = nil
    ) throws(ReturnCode) -> KeyedOperation<any VerificationOperation> {
        if let scheme = MechanismCatalogue.entry(mechanism.type)?.code {
            let key = try secretKey(key, for: CKA_VERIFY, mechanism.type, scheme.demand)
            let code = try MessageAuthentication(scheme, mechanism.parameter, key.secret)
            return KeyedOperation(code, with: .secret(key), signature: signature)
        }
        let method = try SignatureMethod(mechanism)
        let key = try publicKey(key, for: CKA_VERIFY, mechanism.type, where: method.scheme.fits)
        return KeyedOperation(try PublicKeyVerification(method, key), with: .open, signature: signature)
    }

    /// C_Verify.
    public func verify(data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try verify(isLast: true) { (operation, _) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            try operation.computation.update(data)
            try operation.computation.check(signature)
        }
    }

    /// C_VerifyUpdate.
    public func verifyUpdate(part: RawSpan) throws(ReturnCode) {
        try verify(isLast: false) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.computation.update(part)
        }
    }

    /// C_VerifyFinal.
    public func verifyFinal(signature: RawSpan) throws(ReturnCode) {
        try verify(isLast: true) { (operation, _) throws(ReturnCode) in try operation.computation.check(signature) }
    }

    /// C_VerifySignature.
    public func verifySignature(data: RawSpan) throws(ReturnCode) {
        try verify(isLast: true, isGiven: true) { (operation, signature) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            try operation.computation.update(data)
            try operation.computation.check(signature)
        }
    }

    /// C_VerifySignatureUpdate.
    public func verifySignatureUpdate(part: RawSpan) throws(ReturnCode) {
        try verify(isLast: false, isGiven: true) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.computation.update(part)
        }
    }

    /// C_VerifySignatureFinal.
    public func verifySignatureFinal() throws(ReturnCode) {
        try verify(isLast: true, isGiven: true) { (operation, signature) throws(ReturnCode) in
            try operation.computation.check(signature)
        }
    }

    /// Runs a step of the session's verification. An error ends the operation too.
    ///
    /// - Parameter isGiven: whether the verification is one whose signature was given when it began. The functions of
    ///   one kind do not go on with the other.
    private func verify(
        isLast: Bool, isGiven: Bool = false,
        _ body: (KeyedOperation<any VerificationOperation>, RawSpan) throws(ReturnCode) -> Void
    ) throws(ReturnCode) {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let known = operations[.verify], (known.givenSignature != nil) == isGiven else {
                throw .operationNotInitialized
            }
            let signature = known.givenSignature ?? []
            _ = try step(.verify, of: &operations, isLast: isLast, isForResult: false) {
                (operation) throws(ReturnCode) in
                try body(operation, signature.span.bytes)
                return .bytes([])
            }
        }
    }
}

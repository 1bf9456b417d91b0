import CPKCS11
import HostCrypto
import Token

/// Chapter "Functions for verifying signatures and MACs" (PKCS#11 3.2, section 5.15).
extension Library {
    /// C_VerifyInit, or with a signature C_VerifySignatureInit.
    public func verifyInit(
        _ handle: UInt, mechanism: Mechanism, key: UInt, signature: [UInt8]? = nil
    ) throws(ReturnCode) {
        // The card has no part in it, and to ask whether it is still there takes longer than the verification.
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_VERIFY)
            session.verification = try verification(mechanism, key, session)
            session.givenSignature = signature
        }
    }

    /// The check of a signature, or of a code, that begins.
    func verification(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session
    ) throws(ReturnCode) -> any VerificationOperation {
        if let scheme = MechanismCatalogue.entry(mechanism.type)?.code {
            return try StreamedCode(
                scheme, mechanism.parameter,
                try secretKey(key, in: session, for: CKA_VERIFY, mechanism.type, scheme.demand))
        }
        let method = try SignatureMethod(mechanism)
        return try PublicKeyVerification(
            method, try publicKey(key, in: session, for: CKA_VERIFY, mechanism.type, where: method.scheme.fits))
    }

    /// C_Verify.
    public func verify(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation, _) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            try operation.update(data)
            try operation.check(signature)
        }
    }

    /// C_VerifyUpdate.
    public func verifyUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: false) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.update(part)
        }
    }

    /// C_VerifyFinal.
    public func verifyFinal(_ handle: UInt, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation, _) throws(ReturnCode) in try operation.check(signature)
        }
    }

    /// C_VerifySignature.
    public func verifySignature(_ handle: UInt, data: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true, isGiven: true) { (operation, signature) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            try operation.update(data)
            try operation.check(signature)
        }
    }

    /// C_VerifySignatureUpdate.
    public func verifySignatureUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: false, isGiven: true) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.update(part)
        }
    }

    /// C_VerifySignatureFinal.
    public func verifySignatureFinal(_ handle: UInt) throws(ReturnCode) {
        try withVerification(handle, ending: true, isGiven: true) { (operation, signature) throws(ReturnCode) in
            try operation.check(signature)
        }
    }

    /// Runs a step of the session's verification. An error ends the operation too.
    ///
    /// - Parameter isGiven: whether the verification is one whose signature was given when it began. The functions of
    ///   one kind do not go on with the other.
    private func withVerification(
        _ handle: UInt, ending: Bool, isGiven: Bool = false,
        _ body: (any VerificationOperation, RawSpan) throws(ReturnCode) -> Void
    ) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            let signature = session.givenSignature
            guard let operation = session.verification, (signature != nil) == isGiven else {
                throw .operationNotInitialized
            }
            session.verification = nil
            try checkStillVisible(operation.secretKey, in: session)
            let given = signature ?? []
            try body(operation, given.span.bytes)
            if !ending { session.verification = operation }
        }
    }
}

import CPKCS11
import HostCrypto
import Token

/// Chapter "Functions for verifying signatures and MACs" (PKCS#11 3.2, section 5.15).
extension Library {
    /// C_VerifyInit.
    public func verifyInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_VERIFY)
            session.verification = try verification(mechanism, key, session)
        }
    }

    private func verification(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session
    ) throws(ReturnCode) -> any VerificationOperation {
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.code {
            return try StreamedCode(
                scheme, mechanism.parameter,
                try secretKey(key, in: session, for: CKA_VERIFY, mechanism.type, scheme.demand))
        }
        guard entry?.signature != nil else { throw .mechanismInvalid }
        let key = try publicKey(key, in: session, for: CKA_VERIFY, mechanism.type)
        return PublicKeyVerification(try SignatureInput(mechanism, key))
    }

    /// C_Verify.
    public func verify(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            try operation.update(data)
            try operation.check(signature)
        }
    }

    /// C_VerifyUpdate.
    public func verifyUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: false) { (operation) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.update(part)
        }
    }

    /// C_VerifyFinal.
    public func verifyFinal(_ handle: UInt, signature: RawSpan) throws(ReturnCode) {
        try withVerification(handle, ending: true) { (operation) throws(ReturnCode) in try operation.check(signature) }
    }

    /// Runs a step of the session's verification. An error ends the operation too.
    private func withVerification(
        _ handle: UInt, ending: Bool, _ body: (any VerificationOperation) throws(ReturnCode) -> Void
    ) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard let operation = session.verification else { throw .operationNotInitialized }
            session.verification = nil
            try checkStillVisible(operation.secretKey, in: session)
            try body(operation)
            if !ending { session.verification = operation }
        }
    }
}

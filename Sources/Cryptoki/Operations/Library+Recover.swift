import CPKCS11
import Platform

/// Signatures that hold their message (PKCS#11 3.2, sections 5.13.5, 5.13.6, 5.15.5 and 5.15.6).
extension Library {
    /// C_SignRecoverInit.
    public func signRecoverInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_SIGN_RECOVER)
            try checkRecovers(mechanism)
            session.signRecovery = try signing(mechanism, key, session, for: CKA_SIGN_RECOVER)
        }
    }

    /// C_SignRecover.
    public func signRecover(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try sign(handle, .recovering, data, capacity)
    }

    /// C_VerifyRecoverInit.
    public func verifyRecoverInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_VERIFY_RECOVER)
            try checkRecovers(mechanism)
            let method = try SignatureMethod(mechanism)
            session.verifyRecovery = try SignatureRecovery(
                method,
                try publicKey(key, in: session, for: CKA_VERIFY_RECOVER, mechanism.type, where: method.scheme.fits))
        }
    }

    /// C_VerifyRecover.
    public func verifyRecover(_ handle: UInt, signature: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let operation = session.verifyRecovery else { throw .operationNotInitialized }
            session.verifyRecovery = nil
            let data = try operation.data(in: signature)
            guard let early = Output.early(size: data.count, capacity: capacity) else { return .bytes(data) }
            session.verifyRecovery = operation
            return early
        }
    }

    private func checkRecovers(_ mechanism: Mechanism) throws(ReturnCode) {
        guard MechanismCatalogue.entry(mechanism.type)?.recovers == true else { throw .mechanismInvalid }
    }
}

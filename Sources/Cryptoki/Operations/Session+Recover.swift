import CPKCS11
import Platform

/// Signatures that hold their message (PKCS#11 3.2, sections 5.13.5, 5.13.6, 5.15.5 and 5.15.6).
extension Session {
    /// C_SignRecoverInit.
    public func signRecoverInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.signRecover) { () throws(ReturnCode) in
            try checkRecovers(mechanism)
            return try signing(mechanism, key, for: CKA_SIGN_RECOVER)
        }
    }

    /// C_SignRecover.
    public func signRecover(data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try sign(.signRecover, data, capacity)
    }

    /// C_VerifyRecoverInit.
    public func verifyRecoverInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.verifyRecover) { () throws(ReturnCode) in
            try checkRecovers(mechanism)
            let method = try SignatureMethod(mechanism)
            let key = try publicKey(key, for: CKA_VERIFY_RECOVER, mechanism.type, where: method.scheme.fits)
            return KeyedOperation(try SignatureRecovery(method, key), with: .open)
        }
    }

    /// C_VerifyRecover.
    public func verifyRecover(signature: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try step(.verifyRecover, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            let data = try operation.computation.data(in: signature)
            return Output.early(size: data.count, capacity: capacity) ?? .bytes(data)
        }
    }

    private func checkRecovers(_ mechanism: Mechanism) throws(ReturnCode) {
        guard MechanismCatalogue.entry(mechanism.type)?.recovers == true else { throw .mechanismInvalid }
    }
}

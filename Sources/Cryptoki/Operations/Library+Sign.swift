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
            try session.makeRoom(for: CKF_SIGN)
            session.signing = try signing(mechanism, key, session)
        }
    }

    /// A signature, or a code, that begins.
    func signing(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session
    ) throws(ReturnCode) -> any SigningOperation {
        if let scheme = MechanismCatalogue.entry(mechanism.type)?.code {
            return try StreamedCode(
                scheme, mechanism.parameter,
                try secretKey(key, in: session, for: CKA_SIGN, mechanism.type, scheme.demand))
        }
        return try signing(mechanism, key, session, for: CKA_SIGN)
    }

    /// A signature with a private key that begins.
    ///
    /// - Parameter usage: the attribute that must be true of a key in memory.
    func signing(
        _ mechanism: Mechanism, _ key: UInt, _ session: Session, for usage: AttributeType
    ) throws(ReturnCode) -> any SigningOperation {
        let method = try SignatureMethod(mechanism)
        return try PrivateKeySignature(
            method, privateKey(key, in: session, for: .sign, usage, mechanism.type, where: method.scheme.fits))
    }

    /// C_Sign.
    public func sign(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try sign(handle, .plain, data, capacity)
    }

    /// C_Sign and C_SignRecover.
    func sign(
        _ handle: UInt, _ place: Session.SigningPlace, _ data: RawSpan, _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        try withSigning(handle, place) { (operation, session) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            if let early = Output.early(size: operation.signatureSize, capacity: capacity) { return early }
            try operation.update(data)
            return .bytes(try operation.finish(self, session))
        }
    }

    /// C_SignUpdate.
    public func signUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        _ = try withSigning(handle, .plain) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.update(part)
            return .length(0)
        }
    }

    /// C_SignFinal.
    public func signFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withSigning(handle, .plain) { (operation, session) throws(ReturnCode) in
            if let early = Output.early(size: operation.signatureSize, capacity: capacity) { return early }
            return .bytes(try operation.finish(self, session))
        }
    }

    /// Runs a step of the session's signature. A result or an error ends the operation.
    private func withSigning(
        _ handle: UInt, _ place: Session.SigningPlace,
        _ body: (any SigningOperation, Session) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let operation = session[place] else { throw .operationNotInitialized }
            session[place] = nil
            try checkStillVisible(operation.secretKey, in: session)
            let output = try body(operation, session)
            if !output.isResult { session[place] = operation }
            return output
        }
    }
}

extension Session {
    /// Which function began a signature: C_SignInit or C_SignRecoverInit. A key path would cost each C_SignUpdate as much as
    /// all else but the digest.
    enum SigningPlace { case plain, recovering }

    fileprivate subscript(place: SigningPlace) -> (any SigningOperation)? {
        get { place == .plain ? signing : signRecovery }
        set {
            switch place {
            case .plain: signing = newValue
            case .recovering: signRecovery = newValue
            }
        }
    }
}

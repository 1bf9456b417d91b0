import CPKCS11
import HostCrypto
import Token

/// Chapter "Signing and MACing functions" (PKCS#11 3.2, section 5.13).
extension Session {
    /// C_SignInit. For a key that always authenticates see `OperationTable.begin`; the first use of any key after
    /// C_Login(CKU_USER) is covered by that login.
    public func signInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.sign) { () throws(ReturnCode) in try signing(mechanism, key) }
    }

    /// A signature, or a code, that begins.
    func signing(_ mechanism: Mechanism, _ key: UInt) throws(ReturnCode) -> KeyedOperation<any SigningOperation> {
        if let scheme = MechanismCatalogue.entry(mechanism.type)?.code {
            let key = try secretKey(key, for: CKA_SIGN, mechanism.type, scheme.demand)
            return KeyedOperation(
                try MessageAuthentication(scheme, mechanism.parameter, key.secret), with: .secret(key))
        }
        return try signing(mechanism, key, for: CKA_SIGN)
    }

    /// A signature with a private key that begins.
    ///
    /// - Parameter usage: the attribute that must be true of a key in memory.
    func signing(
        _ mechanism: Mechanism, _ key: UInt, for usage: AttributeType
    ) throws(ReturnCode) -> KeyedOperation<any SigningOperation> {
        let method = try SignatureMethod(mechanism)
        let key = try privateKey(key, for: .sign, usage, mechanism.type, where: method.scheme.fits)
        return KeyedOperation(try PrivateKeySignature(method, key), with: .privateKey(key))
    }

    /// C_Sign.
    public func sign(data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output { try sign(.sign, data, capacity) }

    /// C_Sign and C_SignRecover.
    func sign(
        _ kind: OperationKind<KeyedOperation<any SigningOperation>>, _ data: RawSpan, _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        try step(kind, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            let signature = operation.computation
            if let early = Output.early(size: signature.signatureSize, capacity: capacity) { return early }
            try signature.update(data)
            return .bytes(try signature.finish())
        }
    }

    /// C_SignUpdate.
    public func signUpdate(part: RawSpan) throws(ReturnCode) {
        _ = try step(.sign, isLast: false, isForResult: false) { (operation) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.computation.update(part)
            return .length(0)
        }
    }

    /// C_SignFinal.
    public func signFinal(capacity: Int?) throws(ReturnCode) -> Output {
        try step(.sign, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            let signature = operation.computation
            if let early = Output.early(size: signature.signatureSize, capacity: capacity) { return early }
            return .bytes(try signature.finish())
        }
    }
}

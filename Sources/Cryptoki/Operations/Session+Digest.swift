import CPKCS11
import HostCrypto

/// Chapter "Message digesting functions" (PKCS#11 3.2, section 5.12).
extension Session {
    /// C_DigestInit.
    public func digestInit(mechanism: Mechanism) throws(ReturnCode) {
        try begin(.digest) { () throws(ReturnCode) in
            guard let digest = MechanismCatalogue.digest(mechanism.type) else { throw .mechanismInvalid }
            guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
            return KeyedOperation(try StreamedDigest(digest), with: .open)
        }
    }

    /// C_Digest.
    public func digest(data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try step(.digest, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            let digest = operation.computation
            if let early = Output.early(size: digest.digest.size, capacity: capacity) { return early }
            try digest.update(data)
            return .bytes(try digest.finish())
        }
    }

    /// C_DigestUpdate.
    public func digestUpdate(part: RawSpan) throws(ReturnCode) {
        _ = try step(.digest, isLast: false, isForResult: false) { (operation) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.computation.update(part)
            return .length(0)
        }
    }

    /// C_DigestKey: the value of a secret key that may be read.
    public func digestKey(key: UInt) throws(ReturnCode) {
        _ = try step(.digest, isLast: false, isForResult: false) { (operation) throws(ReturnCode) in
            guard case .session(let object) = try keyObject(key, CKO_SECRET_KEY), let secret = object.secret,
                object.isReadable
            else { throw .keyIndigestible }
            operation.isMultiPart = true
            try secret.withBytes { (bytes) throws(ReturnCode) in try operation.computation.update(bytes) }
            return .length(0)
        }
    }

    /// C_DigestFinal.
    public func digestFinal(capacity: Int?) throws(ReturnCode) -> Output {
        try step(.digest, isLast: true, isForResult: capacity != nil) { (operation) throws(ReturnCode) in
            let digest = operation.computation
            if let early = Output.early(size: digest.digest.size, capacity: capacity) { return early }
            return .bytes(try digest.finish())
        }
    }
}

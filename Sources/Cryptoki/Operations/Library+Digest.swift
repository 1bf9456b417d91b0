import CPKCS11
import HostCrypto

/// A digest in the making.
struct DigestOperation {
    let state: StreamedDigest
    /// Whether C_DigestUpdate was called.
    var isMultiPart = false
}

/// Chapter "Message digesting functions" (PKCS#11 3.2, section 5.12).
extension Library {
    /// C_DigestInit.
    public func digestInit(_ handle: UInt, mechanism: Mechanism) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: CKF_DIGEST)
            guard let digest = MechanismCatalogue.digest(mechanism.type) else { throw .mechanismInvalid }
            guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
            session.digest = DigestOperation(state: try StreamedDigest(digest))
        }
    }

    /// C_Digest.
    public func digest(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withDigest(handle) { (operation, _) throws(ReturnCode) in
            guard !operation.isMultiPart else { throw .operationActive }
            if let early = Output.early(size: operation.state.digest.size, capacity: capacity) { return early }
            try operation.state.update(data)
            return .bytes(try operation.state.finish())
        }
    }

    /// C_DigestUpdate.
    public func digestUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        _ = try withDigest(handle) { (operation, _) throws(ReturnCode) in
            operation.isMultiPart = true
            try operation.state.update(part)
            return .length(0)
        }
    }

    /// C_DigestKey: the value of a secret key that may be read.
    public func digestKey(_ handle: UInt, key: UInt) throws(ReturnCode) {
        _ = try withDigest(handle) { (operation, session) throws(ReturnCode) in
            guard case .session(let object) = try keyObject(key, CKO_SECRET_KEY, in: session),
                let secret = object.secret, object.isReadable
            else { throw .keyIndigestible }
            operation.isMultiPart = true
            try secret.withBytes { (bytes) throws(ReturnCode) in try operation.state.update(bytes) }
            return .length(0)
        }
    }

    /// C_DigestFinal.
    public func digestFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try withDigest(handle) { (operation, _) throws(ReturnCode) in
            if let early = Output.early(size: operation.state.digest.size, capacity: capacity) { return early }
            return .bytes(try operation.state.finish())
        }
    }

    private func withDigest(
        _ handle: UInt, _ body: (inout DigestOperation, Session) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard var operation = session.digest else { throw .operationNotInitialized }
            session.digest = nil
            let output = try body(&operation, session)
            if case .bytes = output { return output }
            session.digest = operation
            return output
        }
    }
}

import CPKCS11

/// Chapter "Dual-function cryptographic functions" (PKCS#11 3.2, section 5.17). Nothing goes into the second operation
/// where the cipher gave out no result.
extension Library {
    /// C_DigestEncryptUpdate.
    public func digestEncryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withPair(handle, \.encryption, part, capacity, hasPartner: { $0.digest != nil }) {
            (session, plaintext, _) throws(ReturnCode) in
            session.digest?.isMultiPart = true
            try session.digest?.state.update(plaintext)
        }
    }

    /// C_SignEncryptUpdate.
    public func signEncryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withPair(handle, \.encryption, part, capacity, hasPartner: { $0.signing != nil }) {
            (session, plaintext, _) throws(ReturnCode) in
            session.signing?.isMultiPart = true
            try session.signing?.update(plaintext)
        }
    }

    /// C_DecryptDigestUpdate.
    public func decryptDigestUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withPair(handle, \.decryption, part, capacity, hasPartner: { $0.digest != nil }) {
            (session, _, plaintext) throws(ReturnCode) in
            session.digest?.isMultiPart = true
            try session.digest?.state.update(plaintext)
        }
    }

    /// C_DecryptVerifyUpdate.
    public func decryptVerifyUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try withPair(handle, \.decryption, part, capacity, hasPartner: { $0.verification != nil }) {
            (session, _, plaintext) throws(ReturnCode) in
            session.verification?.isMultiPart = true
            try session.verification?.update(plaintext)
        }
    }

    /// Puts a part through the cipher and hands input and result to its partner. An error ends the cipher's operation.
    private func withPair(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, (any CipherOperation)?>, _ part: RawSpan,
        _ capacity: Int?, hasPartner: (Session) -> Bool,
        _ handOver: (Session, RawSpan, RawSpan) throws(ReturnCode) -> Void
    ) throws(ReturnCode) -> Output {
        try withCipher(handle, place, ends: false) { (operation, session) throws(ReturnCode) in
            guard hasPartner(session) else {
                // The cipher's operation is none of this call's.
                session[keyPath: place] = operation
                throw .operationNotInitialized
            }
            if capacity != nil { operation.isMultiPart = true }
            let output = try operation.update(part, capacity: capacity)
            switch output {
            case .bytes(let result), .plaintext(let result): try handOver(session, part, result.span.bytes)
            case .secret(let result):
                try result.withBytes { (result) throws(ReturnCode) in try handOver(session, part, result) }
            case .length, .tooSmall: break
            }
            return output
        }
    }
}

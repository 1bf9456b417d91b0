import CPKCS11

/// Chapter "Dual-function cryptographic functions" (PKCS#11 3.2, section 5.17). Nothing goes into the second operation
/// where the cipher gave out no result.
extension Session {
    /// C_DigestEncryptUpdate.
    public func digestEncryptUpdate(part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try update(.encrypt, .digest, part, capacity) { (digest, plaintext, _) throws(ReturnCode) in
            try digest.update(plaintext)
        }
    }

    /// C_SignEncryptUpdate.
    public func signEncryptUpdate(part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try update(.encrypt, .sign, part, capacity) { (signature, plaintext, _) throws(ReturnCode) in
            try signature.update(plaintext)
        }
    }

    /// C_DecryptDigestUpdate.
    public func decryptDigestUpdate(part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try update(.decrypt, .digest, part, capacity) { (digest, _, plaintext) throws(ReturnCode) in
            try digest.update(plaintext)
        }
    }

    /// C_DecryptVerifyUpdate.
    public func decryptVerifyUpdate(part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try update(.decrypt, .verify, part, capacity) { (verification, _, plaintext) throws(ReturnCode) in
            try verification.update(plaintext)
        }
    }

    /// Puts a part through the cipher and hands input and result to its partner. An error ends the cipher's operation; that
    /// there is no partner does not.
    private func update<Partner>(
        _ kind: CipherKind, _ partnerKind: OperationKind<KeyedOperation<Partner>>, _ part: RawSpan, _ capacity: Int?,
        _ handOver: (Partner, RawSpan, RawSpan) throws(ReturnCode) -> Void
    ) throws(ReturnCode) -> Output {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let partner = operations[partnerKind] else { throw .operationNotInitialized }
            return try step(kind, of: &operations, isLast: false, isForResult: capacity != nil) {
                (operation) throws(ReturnCode) in
                if capacity != nil { operation.isMultiPart = true }
                let output = try operation.computation.update(part, capacity: capacity)
                if output.isResult { partner.isMultiPart = true }
                switch output {
                case .bytes(let result), .plaintext(let result):
                    try handOver(partner.computation, part, result.span.bytes)
                case .secret(let result):
                    try result.withBytes { (result) throws(ReturnCode) in
                        try handOver(partner.computation, part, result)
                    }
                // Without a buffer nothing is written there.
                case .length, .tooSmall, .written: break
                }
                return output
            }
        }
    }
}

import CPKCS11

/// Chapters "Message-based signing and MACing functions" and "Message-based functions for verifying signatures and MACs"
/// (PKCS#11 3.2, sections 5.14 and 5.16). No mechanism here has a parameter for each message.
extension Session {
    /// C_MessageSignInit.
    public func messageSignInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.messageSign) { () throws(ReturnCode) in
            MessageSeries(mechanism, key: key, try signing(mechanism, key))
        }
    }

    /// C_MessageVerifyInit.
    public func messageVerifyInit(mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try checkPresence()
        try begin(.messageVerify) { () throws(ReturnCode) in
            MessageSeries(mechanism, key: key, try verification(mechanism, key))
        }
    }

    /// C_SignMessage.
    public func signMessage(data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try signPart(.whole, data, capacity: capacity, isLast: true) ?? .length(0)
    }

    /// C_SignMessageBegin.
    public func signMessageBegin() throws(ReturnCode) {
        _ = try withMessage(.messageSign, .begin, signing) { (_) throws(ReturnCode) in nil }
    }

    /// C_SignMessageNext. With the last part comes the signature.
    public func signMessageNext(part: RawSpan, capacity: Int?, isLast: Bool) throws(ReturnCode) -> Output {
        try signPart(.next, part, capacity: capacity, isLast: isLast) ?? .length(0)
    }

    /// C_VerifyMessage.
    public func verifyMessage(data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try verifyPart(.whole, data, signature, isLast: true)
    }

    /// C_VerifyMessageBegin.
    public func verifyMessageBegin() throws(ReturnCode) {
        _ = try withMessage(.messageVerify, .begin, verifying) { (_) throws(ReturnCode) in nil }
    }

    /// C_VerifyMessageNext. With the last part comes the signature.
    public func verifyMessageNext(part: RawSpan, signature: RawSpan, isLast: Bool) throws(ReturnCode) {
        try verifyPart(.next, part, signature, isLast: isLast)
    }

    /// C_MessageSignFinal.
    public func messageSignFinal() throws(ReturnCode) { try endSeries(.messageSign) }

    /// C_MessageVerifyFinal.
    public func messageVerifyFinal() throws(ReturnCode) { try endSeries(.messageVerify) }

    /// Ends the message of a series that has begun, where there is one.
    func abandonMessage(_ operations: OperationTable, _ operation: UInt) {
        switch operation {
        case CKF_MESSAGE_SIGN: abandonMessage(operations[.messageSign], signing)
        case CKF_MESSAGE_VERIFY: abandonMessage(operations[.messageVerify], verifying)
        case CKF_MESSAGE_ENCRYPT: operations[.messageEncrypt]?.abandonMessage()
        case CKF_MESSAGE_DECRYPT: operations[.messageDecrypt]?.abandonMessage()
        default: break
        }
    }

    private func abandonMessage<Computation>(
        _ series: MessageSeries<Computation>?,
        _ begin: (Mechanism, UInt) throws(ReturnCode) -> KeyedOperation<Computation>
    ) {
        guard let series, series.isInMessage else { return }
        series.endMessage(try? begin(series.mechanism, series.key))
    }

    /// Which part of a message a function has.
    private enum MessageStep { case whole, begin, next }

    private func verifying(
        _ mechanism: Mechanism, _ key: UInt
    ) throws(ReturnCode) -> KeyedOperation<any VerificationOperation> { try verification(mechanism, key) }

    private func signPart(
        _ step: MessageStep, _ part: RawSpan, capacity: Int?, isLast: Bool
    ) throws(ReturnCode) -> Output? {
        try withMessage(.messageSign, step, signing) { (operation) throws(ReturnCode) in
            let signature = operation.computation
            if isLast, let early = Output.early(size: signature.signatureSize, capacity: capacity) { return early }
            try check(operation.key, isForResult: isLast)
            try signature.update(part)
            return isLast ? .bytes(try signature.finish()) : nil
        }
    }

    private func verifyPart(
        _ step: MessageStep, _ part: RawSpan, _ signature: RawSpan, isLast: Bool
    ) throws(ReturnCode) {
        _ = try withMessage(.messageVerify, step, verifying) { (operation) throws(ReturnCode) in
            try check(operation.key, isForResult: isLast)
            try operation.computation.update(part)
            guard isLast else { return nil }
            try operation.computation.check(signature)
            return .bytes([])
        }
    }

    /// Runs a step of a message. With its result, or an error, the message ends and the next one is made ready; the series
    /// goes on.
    ///
    /// - Parameter body: the result, or why there is none yet; nil where the message goes on.
    private func withMessage<Computation>(
        _ kind: OperationKind<MessageSeries<Computation>>, _ step: MessageStep,
        _ begin: (Mechanism, UInt) throws(ReturnCode) -> KeyedOperation<Computation>,
        _ body: (KeyedOperation<Computation>) throws(ReturnCode) -> Output?
    ) throws(ReturnCode) -> Output? {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let series = operations[kind] else { throw .operationNotInitialized }
            switch step {
            case .whole, .begin: guard !series.isInMessage else { throw .operationActive }
            case .next: guard series.isInMessage else { throw .operationNotInitialized }
            }
            let operation =
                if let ready = series.operation { ready } else { try begin(series.mechanism, series.key) }
            series.operation = operation
            let outcome = Result { () throws(ReturnCode) in try body(operation) }
            switch outcome {
            case .success(nil):
                series.isInMessage = true
                series.isInUse = true
            case .success(let output?) where !output.isResult: break
            case .success:
                series.isInUse = true
                series.endMessage(try? begin(series.mechanism, series.key))
            case .failure: series.endMessage(try? begin(series.mechanism, series.key))
            }
            return try outcome.get()
        }
    }

    private func endSeries<Computation>(_ kind: OperationKind<MessageSeries<Computation>>) throws(ReturnCode) {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let series = operations[kind] else { throw .operationNotInitialized }
            guard !series.isInMessage else { throw .operationActive }
            _ = operations.take(kind)
        }
    }
}

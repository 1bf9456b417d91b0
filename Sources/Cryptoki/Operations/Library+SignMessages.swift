import CPKCS11

/// Chapters "Message-based signing and MACing functions" and "Message-based functions for verifying signatures and MACs"
/// (PKCS#11 3.2, sections 5.14 and 5.16). No mechanism here has a parameter for each message.
extension Library {
    /// C_MessageSignInit.
    public func messageSignInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginSeries(handle, \.messageSigning, CKF_MESSAGE_SIGN, mechanism, key, signing)
    }

    /// C_MessageVerifyInit.
    public func messageVerifyInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try beginSeries(handle, \.messageVerification, CKF_MESSAGE_VERIFY, mechanism, key, verification)
    }

    /// C_SignMessage.
    public func signMessage(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try signPart(handle, .whole, data, capacity: capacity, isLast: true) ?? .length(0)
    }

    /// C_SignMessageBegin.
    public func signMessageBegin(_ handle: UInt) throws(ReturnCode) {
        _ = try withMessage(handle, \.messageSigning, .begin, signing) { (_, _) throws(ReturnCode) in nil }
    }

    /// C_SignMessageNext. With the last part comes the signature.
    public func signMessageNext(
        _ handle: UInt, part: RawSpan, capacity: Int?, isLast: Bool
    ) throws(ReturnCode) -> Output {
        try signPart(handle, .next, part, capacity: capacity, isLast: isLast) ?? .length(0)
    }

    /// C_VerifyMessage.
    public func verifyMessage(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try verifyPart(handle, .whole, data, signature, isLast: true)
    }

    /// C_VerifyMessageBegin.
    public func verifyMessageBegin(_ handle: UInt) throws(ReturnCode) {
        _ = try withMessage(handle, \.messageVerification, .begin, verification) { (_, _) throws(ReturnCode) in nil }
    }

    /// C_VerifyMessageNext. With the last part comes the signature.
    public func verifyMessageNext(
        _ handle: UInt, part: RawSpan, signature: RawSpan, isLast: Bool
    ) throws(ReturnCode) {
        try verifyPart(handle, .next, part, signature, isLast: isLast)
    }

    /// C_MessageSignFinal.
    public func messageSignFinal(_ handle: UInt) throws(ReturnCode) { try endSeries(handle, \.messageSigning) }

    /// C_MessageVerifyFinal.
    public func messageVerifyFinal(_ handle: UInt) throws(ReturnCode) { try endSeries(handle, \.messageVerification) }

    /// Which part of a message a function has.
    private enum MessageStep { case whole, begin, next }

    private typealias Beginning<Operation> = (Mechanism, UInt, Session) throws(ReturnCode) -> Operation

    private func signPart(
        _ handle: UInt, _ step: MessageStep, _ part: RawSpan, capacity: Int?, isLast: Bool
    ) throws(ReturnCode) -> Output? {
        try withMessage(handle, \.messageSigning, step, signing) { (operation, session) throws(ReturnCode) in
            if isLast, let early = Output.early(size: operation.signatureSize, capacity: capacity) { return early }
            try checkStillVisible(operation.secretKey, in: session)
            try operation.update(part)
            return isLast ? .bytes(try operation.finish(self, session)) : nil
        }
    }

    private func verifyPart(
        _ handle: UInt, _ step: MessageStep, _ part: RawSpan, _ signature: RawSpan, isLast: Bool
    ) throws(ReturnCode) {
        _ = try withMessage(handle, \.messageVerification, step, verification) {
            (operation, session) throws(ReturnCode) in
            try checkStillVisible(operation.secretKey, in: session)
            try operation.update(part)
            guard isLast else { return nil }
            try operation.check(signature)
            return .bytes([])
        }
    }

    private func beginSeries<Operation>(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, MessageSeries<Operation>?>, _ flag: UInt,
        _ mechanism: Mechanism, _ key: UInt, _ begin: Beginning<Operation>
    ) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            try session.makeRoom(for: flag)
            session[keyPath: place] = MessageSeries(mechanism, key: key, try begin(mechanism, key, session))
        }
    }

    /// Runs a step of a message. With its result, or an error, the message ends and the next one is made ready; the series
    /// goes on.
    ///
    /// - Parameter body: the result, or why there is none yet; nil where the message goes on.
    private func withMessage<Operation>(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, MessageSeries<Operation>?>, _ step: MessageStep,
        _ begin: Beginning<Operation>, _ body: (Operation, Session) throws(ReturnCode) -> Output?
    ) throws(ReturnCode) -> Output? {
        let session = try session(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let series = session[keyPath: place] else { throw .operationNotInitialized }
            switch step {
            case .whole, .begin: guard !series.isInMessage else { throw .operationActive }
            case .next: guard series.isInMessage else { throw .operationNotInitialized }
            }
            let operation =
                if let ready = series.operation { ready } else {
                    try begin(series.mechanism, series.key, session)
                }
            series.operation = operation
            let outcome = Result { () throws(ReturnCode) in try body(operation, session) }
            switch outcome {
            case .success(nil):
                series.isInMessage = true
                series.isInUse = true
            case .success(let output?) where !output.isResult: break
            case .success:
                series.isInMessage = false
                series.isInUse = true
                series.operation = try? begin(series.mechanism, series.key, session)
            case .failure:
                series.isInMessage = false
                series.operation = try? begin(series.mechanism, series.key, session)
            }
            return try outcome.get()
        }
    }

    private func endSeries<Operation>(
        _ handle: UInt, _ place: ReferenceWritableKeyPath<Session, MessageSeries<Operation>?>
    ) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard let series = session[keyPath: place] else { throw .operationNotInitialized }
            guard !series.isInMessage else { throw .operationActive }
            session[keyPath: place] = nil
        }
    }
}

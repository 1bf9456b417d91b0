import CPKCS11
import Platform
import Token

/// A session of this process with the token in a slot, as a call found it by its handle: its methods are the functions of
/// PKCS#11 that have a session.
public struct Session: Sendable {
    let library: Library
    let record: SessionRecord

    var handle: UInt { record.handle }
    var slot: Slot { record.slot }
    var tables: Guarded<Tables> { library.tables }
    var calls: TokenCalls { library.calls }
}

/// What stays of a session between its calls.
final class SessionRecord: Sendable {
    let handle: UInt
    let slot: Slot
    let isReadWrite: Bool
    /// What the session is in the middle of.
    let operations = Guarded(OperationTable())

    init(handle: UInt, slot: Slot, isReadWrite: Bool) {
        self.handle = handle
        self.slot = slot
        self.isReadWrite = isReadWrite
    }
}

/// A search that C_FindObjectsInit began.
final class Search {
    /// The handles that C_FindObjects has still to return.
    var rest: ArraySlice<UInt>

    init(_ found: [UInt]) { rest = found[...] }
}

/// What the functions have in common.
extension Session {
    /// Throws CKR_SESSION_HANDLE_INVALID where the card is gone, and the session with it. Looks at the readers, unless
    /// somebody has just looked.
    func checkPresence() throws(ReturnCode) {
        let now = library.clock()
        let (isRecent, isThere) = tables.withLock {
            ($0.isRecent(at: now, lasting: library.looksLast), $0.session(handle) === record)
        }
        if !isRecent { library.refresh() }
        guard isThere, isRecent || tables.withLock({ $0.session(handle) === record }) else {
            throw .sessionHandleInvalid
        }
    }

    /// The token that the session is with.
    func token() throws(ReturnCode) -> any Token {
        guard let token = tables.withLock({ $0.token(in: slot) }) else { throw .deviceRemoved }
        return token
    }

    /// Who is logged in to the token.
    var login: LoginState { tables.withLock { $0[slot].login } }

    /// Whether the SO is logged in to the token.
    var isOfficer: Bool { login == .officer }

    /// Throws unless the session may write to the card, as far as the host can tell.
    func checkWritesToken() throws(ReturnCode) {
        guard record.isReadWrite else { throw .sessionReadOnly }
        guard login != .none else { throw .userNotLoggedIn }
    }

    /// The object behind a handle, where this session may see it now.
    func object(_ handle: UInt) throws(ReturnCode) -> StoredObject {
        guard let found = calls.object(handle, in: record) else { throw .objectHandleInvalid }
        return found
    }

    /// What an object answers for an attribute.
    func answer(_ object: StoredObject, _ type: AttributeType) throws(ReturnCode) -> AttributeAnswer {
        switch object {
        case .token(let object):
            if let known = object.description.knownAttribute(type) {
                known
            } else {
                try calls.asking(object.slot, object.token, "reading an attribute") { () throws(TokenError) in
                    try object.attribute(type)
                }
            }
        case .session(let object): object.attribute(type)
        case .information(let object): object.attribute(type)
        }
    }

    /// What keys the token's card can have.
    func cardAlgorithms() throws(ReturnCode) -> CardAlgorithms {
        try library.cardAlgorithms(of: token(), in: slot)
    }
}

/// What the functions that begin operations and go on with them have in common.
extension Session {
    /// Begins an operation, where the session has room for it.
    func begin<Operation>(
        _ kind: OperationKind<Operation>, _ make: () throws(ReturnCode) -> Operation
    ) throws(ReturnCode) {
        try record.operations.withLock { (operations) throws(ReturnCode) in try operations.begin(kind, make) }
    }

    /// Runs one step of an operation, which ends with the last one that gave its result, and with every error.
    ///
    /// - Parameters:
    ///   - isLast: whether the operation ends with the result.
    ///   - isForResult: whether the result is wanted now, and not how long it is.
    func step<Computation>(
        _ kind: OperationKind<KeyedOperation<Computation>>, isLast: Bool, isForResult: Bool,
        _ body: (KeyedOperation<Computation>) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            try step(kind, of: &operations, isLast: isLast, isForResult: isForResult, body)
        }
    }

    /// The same for a step that needs other operations too.
    func step<Computation>(
        _ kind: OperationKind<KeyedOperation<Computation>>, of operations: inout OperationTable, isLast: Bool,
        isForResult: Bool, _ body: (KeyedOperation<Computation>) throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        guard let operation = operations[kind] else { throw .operationNotInitialized }
        let outcome = Result { () throws(ReturnCode) in
            try check(operation.key, isForResult: isLast && isForResult)
            return try body(operation)
        }
        switch outcome {
        case .success(let output):
            if isLast, output.isResult { _ = operations.take(kind) }
            return output
        case .failure(let error):
            _ = operations.take(kind)
            throw error
        }
    }

    /// Throws unless the key of an operation may still be used: CKR_USER_NOT_LOGGED_IN where the login is over under which it
    /// was, CKR_KEY_HANDLE_INVALID where the key is gone.
    func check(_ key: OperationKey, isForResult: Bool) throws(ReturnCode) {
        guard let hold = key.required(isForResult: isForResult) else { return }
        guard calls.object(hold.handle, in: record) == nil else { return }
        let isLoginOver = hold.login.map { $0 != tables.withLock { $0[slot].loginEpoch } } ?? false
        throw isLoginOver ? .userNotLoggedIn : .keyHandleInvalid
    }
}

/// Functions about the session itself (PKCS#11 3.2, section 5.6).
extension Session {
    /// C_CloseSession. With the last session of a token goes its login.
    public func close() throws(ReturnCode) {
        try slot.login.withLock { (turn) throws(ReturnCode) in
            guard tables.withLock({ $0.remove(record) }) else { throw .sessionHandleInvalid }
            calls.endLoginWithoutSessions(slot, &turn)
        }
    }

    /// C_GetSessionInfo.
    public func information() throws(ReturnCode) -> SessionInfo {
        try checkPresence()
        return SessionInfo(slotID: slot.id, isReadWrite: record.isReadWrite, login: login)
    }

    /// C_SessionCancel: ends the operations whose flags are given.
    public func cancel(_ flags: UInt) { record.operations.withLock { $0.end(flags) } }

    /// C_GetOperationState. What libcrypto and the card keep of an operation cannot be told, so there is only the choice
    /// between CKR_OPERATION_NOT_INITIALIZED and CKR_STATE_UNSAVEABLE (PKCS#11 3.2, section 5.6.5).
    public func saveOperationState() throws(ReturnCode) {
        throw record.operations.withLock { $0.active } == 0 ? .operationNotInitialized : .stateUnsaveable
    }
}

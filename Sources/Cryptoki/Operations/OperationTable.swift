import CPKCS11

/// An operation of a session.
enum SessionOperation {
    case signing(KeyedOperation<any SigningOperation>)
    case verification(KeyedOperation<any VerificationOperation>)
    case cipher(KeyedOperation<any CipherOperation>)
    case digest(KeyedOperation<StreamedDigest>)
    case recovery(KeyedOperation<SignatureRecovery>)
    case signingSeries(MessageSeries<any SigningOperation>)
    case verificationSeries(MessageSeries<any VerificationOperation>)
    case messages(MessageCipher)
    case search(Search)

    /// The private key, where there is one.
    fileprivate var privateKey: PrivateKeyUse? {
        switch self {
        case .signing(let operation): operation.key.privateKey
        case .cipher(let operation): operation.key.privateKey
        case .signingSeries(let series): series.operation?.key.privateKey
        case .verification, .digest, .recovery, .verificationSeries, .messages, .search: nil
        }
    }

    /// Whether it waits for C_Login(CKU_CONTEXT_SPECIFIC) and has not become active before. A series of messages that has
    /// had one is active.
    fileprivate var isWaiting: Bool {
        if case .signingSeries(let series) = self, series.isInUse { return false }
        return privateKey?.needsAuthentication == true
    }
}

/// What function an operation was begun by, of which a session has one at a time.
struct OperationKind<Operation> {
    /// The flag of C_SessionCancel (PKCS#11 3.2, section 5.6.11).
    let flag: UInt
    fileprivate let operation: (SessionOperation) -> Operation?
    fileprivate let entry: (Operation) -> SessionOperation
}

extension OperationKind where Operation == KeyedOperation<any SigningOperation> {
    static var sign: Self { kind(CKF_SIGN) }
    static var signRecover: Self { kind(CKF_SIGN_RECOVER) }

    private static func kind(_ flag: UInt) -> Self {
        Self(
            flag: flag, operation: { if case .signing(let found) = $0 { found } else { nil } }, entry: { .signing($0) })
    }
}

extension OperationKind where Operation == KeyedOperation<any VerificationOperation> {
    static var verify: Self {
        Self(
            flag: CKF_VERIFY, operation: { if case .verification(let found) = $0 { found } else { nil } },
            entry: { .verification($0) })
    }
}

extension OperationKind where Operation == KeyedOperation<any CipherOperation> {
    static var encrypt: Self { kind(CKF_ENCRYPT) }
    static var decrypt: Self { kind(CKF_DECRYPT) }

    private static func kind(_ flag: UInt) -> Self {
        Self(flag: flag, operation: { if case .cipher(let found) = $0 { found } else { nil } }, entry: { .cipher($0) })
    }
}

extension OperationKind where Operation == KeyedOperation<StreamedDigest> {
    static var digest: Self {
        Self(
            flag: CKF_DIGEST, operation: { if case .digest(let found) = $0 { found } else { nil } },
            entry: { .digest($0) })
    }
}

extension OperationKind where Operation == KeyedOperation<SignatureRecovery> {
    static var verifyRecover: Self {
        Self(
            flag: CKF_VERIFY_RECOVER, operation: { if case .recovery(let found) = $0 { found } else { nil } },
            entry: { .recovery($0) })
    }
}

extension OperationKind where Operation == MessageSeries<any SigningOperation> {
    static var messageSign: Self {
        Self(
            flag: CKF_MESSAGE_SIGN, operation: { if case .signingSeries(let found) = $0 { found } else { nil } },
            entry: { .signingSeries($0) })
    }
}

extension OperationKind where Operation == MessageSeries<any VerificationOperation> {
    static var messageVerify: Self {
        Self(
            flag: CKF_MESSAGE_VERIFY, operation: { if case .verificationSeries(let found) = $0 { found } else { nil } },
            entry: { .verificationSeries($0) })
    }
}

extension OperationKind where Operation == MessageCipher {
    static var messageEncrypt: Self { kind(CKF_MESSAGE_ENCRYPT) }
    static var messageDecrypt: Self { kind(CKF_MESSAGE_DECRYPT) }

    private static func kind(_ flag: UInt) -> Self {
        Self(
            flag: flag, operation: { if case .messages(let found) = $0 { found } else { nil } },
            entry: { .messages($0) })
    }
}

extension OperationKind where Operation == Search {
    static var search: Self {
        Self(
            flag: CKF_FIND_OBJECTS, operation: { if case .search(let found) = $0 { found } else { nil } },
            entry: { .search($0) })
    }
}

/// The operations of a session, by the functions that began them. No session has more than three: two that one of the dual
/// functions serves, and a search.
struct OperationTable {
    private var entries: [(flag: UInt, operation: SessionOperation)] = []
    /// The key for whose one use C_DeriveKey or C_UnwrapKey lacked a login. It is no operation that keeps others out.
    var singleUse: PrivateKeyUse?

    /// The operation of a kind, where there is one.
    subscript<Operation>(kind: OperationKind<Operation>) -> Operation? {
        guard let entry = entries.first(where: { $0.flag == kind.flag }) else { return nil }
        return kind.operation(entry.operation)
    }

    /// Takes the operation of a kind out.
    mutating func take<Operation>(_ kind: OperationKind<Operation>) -> Operation? {
        guard let index = entries.firstIndex(where: { $0.flag == kind.flag }) else { return nil }
        return kind.operation(entries.remove(at: index).operation)
    }

    /// Puts an operation in the place of its kind, which is empty.
    mutating func put<Operation>(_ operation: Operation, _ kind: OperationKind<Operation>) {
        entries.append((kind.flag, kind.entry(operation)))
    }

    /// Ends the operations whose flags are given.
    mutating func end(_ flags: UInt) {
        entries.removeAll { flags & $0.flag != 0 }
        if flags & (CKF_DERIVE | CKF_UNWRAP | CKF_DECRYPT) != 0 { singleUse = nil }
    }

    /// The flags of the cryptographic operations that are active.
    var active: UInt { entries.reduce(0) { $0 | $1.flag } & ~CKF_FIND_OBJECTS }

    /// The private key of the operation that C_Login(CKU_CONTEXT_SPECIFIC) is for: one that waits for it, or one that has had
    /// it and was not used yet.
    var waitingKey: PrivateKeyUse? {
        let keys = entries.compactMap(\.operation.privateKey)
        let waiting = keys.first { $0.needsAuthentication } ?? keys.first { $0.isAlwaysAuthenticate }
        return waiting ?? (singleUse?.needsAuthentication == true ? singleUse : nil)
    }

    /// Begins an operation. A session has one at a time (PKCS#11 3.2, section 5.1.6, CKR_OPERATION_ACTIVE), or a pair that
    /// one of the dual functions serves (section 5.17). A search is none of these.
    ///
    /// An operation with an always-authenticate key becomes active only with its C_Login(CKU_CONTEXT_SPECIFIC). Until
    /// then the next operation takes its place: a program that cannot give the PIN and goes away leaves a session that
    /// others can use. A series of messages stays once it has had one, and what a login for one use of a key was for does
    /// not outlive the beginning of something else.
    mutating func begin<Operation>(
        _ kind: OperationKind<Operation>, _ make: () throws(ReturnCode) -> Operation
    ) throws(ReturnCode) {
        entries.removeAll { $0.operation.isWaiting }
        singleUse = nil
        let active = self.active
        let isPair = Self.pairs.contains { $0 == active | kind.flag && active & kind.flag == 0 }
        guard active == 0 || isPair else { throw .operationActive }
        put(try make(), kind)
    }

    private static let pairs = [
        CKF_DIGEST | CKF_ENCRYPT, CKF_DECRYPT | CKF_DIGEST, CKF_SIGN | CKF_ENCRYPT, CKF_DECRYPT | CKF_VERIFY,
    ]
}

import ISO7816
import Token

/// Which objects there are.
extension ApplicationToken {
    /// See `Token`. An object that the card refuses to this user is not there, and hides no other; so is one that is shown
    /// after a login that nobody has made. A login that is lost comes through.
    public func present(
        among objects: [ObjectReference], areNamed: Bool
    ) throws(TokenError) -> [ObjectReference] {
        let now = state.clock()
        let objects = areNamed ? objects : objects.filter { !isFoundByNameAlone($0) }
        let known = withCache { cache in objects.map { cache.presence(of: $0, at: now) } }
        if !known.contains(nil) { return zip(objects, known).filter { $0.1 == true }.map(\.0) }
        let isUser = withLogin { $0.isUser }
        let asked = objects.filter { isUser || !needsUser($0) }
        let access: Access = asked.contains { needsUser($0) } ? .login(.user) : .none
        do throws(TokenError) {
            return try perform(access) { (transaction) throws(CardError) in
                var present: Set<ObjectReference> = []
                // Keys come last: what is read of certificates may contradict what is believed of them.
                for object in asked.filter({ !$0.isKey }) + asked.filter({ $0.isKey })
                where try isShown(object, isNamed: areNamed, transaction) { present.insert(object) }
                return objects.filter { present.contains($0) }
            }
        } catch .unsupported where isOutOfService {
            return []
        }
    }

    /// See `Token`.
    public func takeNotices() -> [String] { withCache { $0.notices.take() } }

    /// See `Token`.
    public func revision(of object: ObjectReference) -> UInt64 { withCache { $0.ledger.revision(of: object) } }

    /// See `Token`.
    public func value(of object: ObjectReference) throws(TokenError) -> [UInt8] {
        guard !object.isKey, object.kind != .secretKey else { throw .unsupported }
        let now = state.clock()
        let known = withCache { cache in
            cache.presence(of: object, at: now) == true ? cache.ledger.certificate(of: object)?.value : nil
        }
        if let known { return known.der }
        let value = try perform(access(to: object)) { (transaction) throws(CardError) in
            try read(object, transaction)
        }
        guard let value else { throw .objectNotFound }
        return value
    }

    private func needsUser(_ object: ObjectReference) -> Bool { access(to: object).verification == .user }

    private func isShown(
        _ object: ObjectReference, isNamed: Bool, _ transaction: Transaction
    ) throws(CardError) -> Bool {
        if let known = withCache({ $0.presence(of: object, at: transaction.now) }) { return known }
        let outcome = Result { () throws(CardError) in try isPresent(object, isNamed: isNamed, transaction) }
        if case .failure(let error) = outcome, error.status == .securityStatusNotSatisfied, needsUser(object),
            !withLogin({ $0.isVerified(.user, in: transaction.epoch) })
        {
            // The login was lost on the way here: that is what it says, and nothing of the object.
            throw error
        }
        return try readable(transaction) { () throws(CardError) in try outcome.get() } ?? false
    }

    /// What is read, or nil where the card answers that it cannot give it: one thing that cannot be read must not hide the
    /// whole token.
    package func readable<R>(
        _ transaction: Transaction, _ read: () throws(CardError) -> R?
    ) throws(CardError) -> R? {
        let outcome = Result { () throws(CardError) in try read() }
        if case .failure(let error) = outcome, error.isAnswer, transaction.isProven,
            !transaction.card.exchange.mayComeOfReset(error.status)
        {
            return nil
        }
        return try outcome.get()
    }
}

extension ObjectReference {
    /// Whether it is half of a key pair.
    package var isKey: Bool { kind == .publicKey || kind == .privateKey }
}

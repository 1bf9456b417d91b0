import CardApplication
import HostCrypto
import ISO7816
import Token

/// The card's administrator: whoever has the card management key (key reference 9B), or a user behind whose PIN the card
/// keeps it. Whoever has the PUK may log in as the administrator too, for what only the PUK can do: give the PIN a new
/// value. The key is proven by mutual authentication, so that a card which does not know it is not believed either.
extension PIVToken {
    /// See `Token`. No management key is as short as a PUK, so the length tells which it is.
    public func loginAdministrator(secret: RawSpan) throws(TokenError) {
        if Self.unblockingKeyLengths.contains(secret.byteCount) {
            return try loginAdministrator(unblockingKey: secret)
        }
        let key = try CardManagementKey(hexadecimal: secret)
        try proving(key) { (proof, transaction) throws(CardError) in
            withLogin { $0.begin(administrator: key, proof, in: transaction.epoch) }
        }
        withCache { $0.forgetPrivate() }
    }

    /// See `Token`: the management key, and never the PUK.
    public func proveAdministrator(secret: RawSpan) throws(TokenError) {
        guard !Self.unblockingKeyLengths.contains(secret.byteCount) else { throw .pinLengthOutOfRange }
        try loginAdministrator(secret: secret)
    }

    /// From the shortest PUK to the longest management key, in digits.
    static let administratorSecretLengths =
        unblockingKeyLengths.lowerBound...2 * (CardManagementKey.lengths.max() ?? 0)

    /// Proves a management key that somebody has just typed, and goes on with the proof in the same transaction.
    func proving(
        _ key: CardManagementKey,
        _ body: (AdministratorProof, PIVTransaction) throws(CardError) -> Void
    ) throws(TokenError) {
        let isRightLength = try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            let plan = try plan(for: key, transaction)
            guard !plan.algorithms.isEmpty else { return false }
            try body(try prove(key, plan, transaction), transaction)
            return true
        }
        guard isRightLength else { throw .pinLengthOutOfRange }
    }

    /// Brings the card back to where it lets this process write. Sends nothing where nothing is known to be lost.
    ///
    /// - Throws: `administratorNeeded` where the user's login does not lead to the key, `notLoggedIn` where there is none.
    package func restoreAdministration(_ transaction: PIVTransaction) throws(CardError) {
        guard !withLogin({ $0.isVerified(.administrator, in: transaction.epoch) }) else { return }
        let known = withLogin { $0.details }
        if let key = known.key, let proof = known.proof {
            try restoreLogin(key, proof, transaction)
        } else {
            try proveStoredKey(transaction)
        }
        transaction.noteRestored()
    }

    /// Proves the administrator's key once; whatever comes of it but success ends the login, so that the key is not tried
    /// again. Only a touch that did not come may come the next time.
    private func restoreLogin(
        _ key: CardManagementKey, _ last: AdministratorProof, _ transaction: PIVTransaction
    ) throws(CardError) {
        let missing = CardError.refused(.notLoggedIn)
        guard !key.secret.isWiped else {
            withLogin { _ = $0.endAll() }
            throw missing
        }
        try transaction.prepareForSecret()
        try identify(transaction)
        let plan = ProofPlan(algorithms: [last.algorithm], needsTouch: last.needsTouch)
        switch Result(catching: { () throws(CardError) in try prove(key, plan, transaction) }) {
        case .success(let proof): withLogin { $0.note(proof, in: transaction.epoch) }
        case .failure(let error):
            switch error {
            case .answered(_, .conditionsOfUseNotSatisfied): throw error
            case .channel:
                withLogin { _ = $0.endAll() }
                throw error
            case .answered, .malformed, .refused:
                withLogin { _ = $0.endAll() }
                throw missing
            }
        }
    }

    /// Proves the key that the card keeps behind the user's PIN. It is read for that, and forgotten after it.
    private func proveStoredKey(_ transaction: PIVTransaction) throws(CardError) {
        let missing = CardError.refused(.administratorNeeded)
        guard withLogin({ $0.unblockingKey }) == nil else { throw missing }
        if withLogin({ $0.isUser }) {
            guard !withLogin({ $0.details.isStoredKeyRefused }), try isKeyStored(transaction) else { throw missing }
        }
        guard let key = try readStoredKey(transaction) else { throw missing }
        let proof = Result { () throws(CardError) in try prove(key, plan(for: key, transaction), transaction) }
        switch proof {
        case .success(let proof): withLogin { $0.note(proof, in: transaction.epoch) }
        case .failure(let error):
            switch error {
            case .answered(_, .conditionsOfUseNotSatisfied), .channel: throw error
            case .answered, .malformed, .refused:
                withLogin { $0.details.isStoredKeyRefused = true }
                throw missing
            }
        }
    }

    /// Whether the management key is kept behind the PIN. What ADMIN DATA says is believed as long as any container.
    func isKeyStored(_ transaction: PIVTransaction, isReadAnew: Bool = false) throws(CardError) -> Bool {
        do throws(CardError) {
            let data =
                isReadAnew
                ? try readContainer(.administrationData, transaction)
                : try container(.administrationData, transaction)
            if data == nil, withCache({ !$0.isKnown(.administrationData) }), try firmware(transaction) != nil {
                throw .refused(.failed("the card does not give its ADMIN DATA, which say where the management key is"))
            }
            return data.map { AdministrationData(parsing: $0).isKeyStored } ?? false
        } catch {
            // ADMIN DATA are Yubico's: a card without Yubico's commands refuses the tag as it likes.
            guard error.isAnswer, transaction.isProven, try firmware(transaction) == nil else { throw error }
            return false
        }
    }

    /// Ends the card's own administrator's state, which would let every program write until the next reset.
    ///
    /// Selecting PIV again ends it on some cards only. Selecting another application ends it on all, but takes the
    /// user's PIN from every other program that works with the card. So an authentication is begun and failed, which
    /// concerns this key alone: it counts no tries (SP 800-73-5 part 1, table 4b), and costs two commands. With a key
    /// that is known to ask for a touch it is only begun, so that nobody has to touch the card for a logout.
    func revoke(_ proof: AdministratorProof, _ transaction: PIVTransaction) throws(CardError) {
        let size = try transaction.card.requestWitness(proof.algorithm).count
        guard !proof.needsTouch else { return }
        let zeros = [UInt8](repeating: 0, count: size)
        _ = try transaction.card.answerWitness(proof.algorithm, witness: zeros, challenge: zeros)
    }
}

extension CardError {
    /// Whether a cipher that the card gave no witness for may be the wrong one, and not the reader, or a touch that is missing.
    fileprivate var allowsAnotherCipher: Bool {
        isAnswer && status != .conditionsOfUseNotSatisfied && status != .securityStatusNotSatisfied
    }
}

/// How a management key is to be proven.
struct ProofPlan {
    /// The ciphers that it may be for, in the order in which they are tried.
    let algorithms: [CardManagementAlgorithm]
    let needsTouch: Bool
}

extension PIVToken {
    /// What the card says of its key (GET METADATA), or else every cipher that takes a key of this length: for 24 bytes
    /// Triple DES, which was the default of cards that say nothing, before AES-192.
    func plan(
        for key: CardManagementKey, _ transaction: PIVTransaction
    ) throws(CardError) -> ProofPlan {
        let metadata: KeyMetadata?
        do throws(CardError) {
            metadata = try readMetadata(.cardManagement, transaction)?.value
        } catch {
            guard error.isAnswer else { throw error }
            metadata = nil
        }
        let told = metadata.flatMap { CardManagementAlgorithm(rawValue: $0.algorithm.rawValue) }
        return ProofPlan(
            algorithms: key.ciphers.filter { told == nil || told == $0 },
            needsTouch: metadata.map { $0.touchPolicy != .never } ?? false)
    }

    /// Mutual authentication: two commands, and one more where the card is first asked for a cipher that it has not.
    func prove(
        _ key: CardManagementKey, _ plan: ProofPlan, _ transaction: PIVTransaction
    ) throws(CardError) -> AdministratorProof {
        withLogin { $0.forgetVerification(of: .administrator) }
        for algorithm in plan.algorithms {
            let witness = Result { () throws(CardError) in try transaction.card.requestWitness(algorithm) }
            // Nothing was proven or refused yet, so the next cipher costs nobody anything.
            if case .failure(let error) = witness, error.allowsAnotherCipher, algorithm != plan.algorithms.last {
                continue
            }
            try answer(witness.get(), key, algorithm, transaction)
            return AdministratorProof(algorithm: algorithm, needsTouch: plan.needsTouch)
        }
        throw .refused(.pinIncorrect(retriesLeft: nil))
    }

    private func answer(
        _ witness: [UInt8], _ key: CardManagementKey, _ algorithm: CardManagementAlgorithm,
        _ transaction: PIVTransaction
    ) throws(CardError) {
        let prepared = Result { () throws(HostCryptoError) in
            let challenge = try Random.bytes(algorithm.cipher.blockSize)
            return (try key.decrypt(witness, algorithm), challenge, try key.encrypt(challenge, algorithm))
        }
        guard case .success(let (shown, challenge, expected)) = prepared else {
            throw .malformed(.answerWitness, "the host cannot use the key")
        }
        let response = try transaction.card.answerWitness(algorithm, witness: shown, challenge: challenge)
        guard ConstantTime.equal(response, expected) else {
            throw .malformed(.answerWitness, "the card does not know the key")
        }
    }

    /// Reads the key behind the PIN, with the user's login. Where the answer is none, another application may have given
    /// it, or another program have taken the PIN's state away: the login is then restored, unless it just was.
    private func readStoredKey(_ transaction: PIVTransaction) throws(CardError) -> CardManagementKey? {
        let read = Result { () throws(CardError) in
            try restore(.login(.user), transaction)
            return try transaction.card.getStoredManagementKey()
        }
        switch read {
        case .success(let key?): return key
        case .failure(let error) where !error.isAnswer || !withLogin({ $0.isUser }): throw error
        case .success, .failure:
            guard !transaction.hasRestored else { return nil }
            try transaction.selectAgain()
            try restore(.login(.user), transaction)
            return try transaction.card.getStoredManagementKey()
        }
    }
}

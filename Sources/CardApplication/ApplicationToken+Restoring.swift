import HostCrypto
import ISO7816
import Token

/// What is done where the card may have forgotten what it was shown.
extension ApplicationToken {
    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept PIN is sent only where the card says that more than one try is left: the PIN may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time. A card that says that its PIN is verified is not asked to verify the login's, which may
    /// be an old one by now, unless a key has refused its use all the same; for a single use it is asked to verify the PIN
    /// that was just given for that use. Before all that the card shows that it is still the same one. A PIN that
    /// was typed on the reader is asked for again where it is for a single use; a login that was made so, or whose PIN is
    /// kept no more, is over where the card has forgotten it.
    ///
    /// - Throws: `notLoggedIn` where there is no PIN to do it with, `keptPINRefused` where the card does not take the kept
    ///   one or has no try to spare for it.
    package func restore(_ access: Access, _ transaction: Transaction) throws(CardError) {
        if case .administration = access { return try restoreAdministration(transaction) }
        guard let verification = access.verification else { return }
        guard let secret = withLogin({ $0.secret(for: access) }) else { throw Self.missing }
        guard !withLogin({ $0.isVerified(verification, in: transaction.epoch) }) else { return }
        try transaction.prepareForSecret(isGiven: false)
        try identify(transaction)
        guard try admits(access, transaction) else { throw Self.missing }
        if case .typedOnReader = secret, isTypedAgain(access, verification, transaction) {
            try typeAgain(access, verification, transaction)
        } else if try !sendAgain(secret, access, verification, transaction) {
            withLogin { $0.noteVerified(verification, in: transaction.epoch) }
            return
        }
        withLogin { $0.noteVerified(verification, in: transaction.epoch) }
        transaction.noteRestored()
    }

    private static var missing: CardError { .refused(.notLoggedIn) }

    /// - Returns: whether the PIN was sent; where the state is there already nothing is.
    private func sendAgain(
        _ secret: LoginSecret, _ access: Access, _ verification: Verification, _ transaction: Transaction
    ) throws(CardError) -> Bool {
        let told = try told(of: verification, for: access, transaction)
        if told.isVerified, transaction.isRefusedByKey {
            // PivApplet keeps its PIN over SELECT and locks its keys; CanoKey tells of PW1 whatever the mode.
            transaction.noteOverruledQuery()
        } else if told.isVerified {
            switch access {
            case .use(_, .some): break
            // The login's PIN was for the first use, which would need it sent once more: whoever wants the use gives it.
            case .use(_, nil): throw Self.missing
            case .none, .login, .administration: return false
            }
        }
        guard case .pin(let pin) = secret, !pin.isWiped else {
            // A permission that has run out leaves the login alone.
            if !access.isGiven { withLogin { $0.end(verification.owner) } }
            throw Self.missing
        }
        // A card that says "verified" has told no tries, or all of them are back; what it told last counts then.
        let known = told.triesLeft ?? (told.isVerified ? withCache { $0.tries?.value.retriesLeft } : nil)
        let isSpared = told.isVerified ? access.isGiven || known ?? .max > 1 : known ?? 0 > 1
        guard isSpared else {
            withLogin { $0.end(verification.owner) }
            throw known.map { .refused(.keptPINRefused(retriesLeft: $0)) } ?? Self.missing
        }
        let sent = Result { () throws(CardError) in try send(secret, verification, transaction) }
        guard case .failure(let error) = sent else { return true }
        if transaction.card.exchange.mayComeOfReset(error.status) { throw error }
        withLogin { $0.end(verification.owner) }
        switch error {
        case .channel, .refused: throw error
        case .malformed: throw Self.missing
        case .answered(_, .securityStatusNotSatisfied):
            throw .refused(.keptPINRefused(retriesLeft: told.triesAfterRefusal))
        case .answered(_, let status): throw .refused(.keptPINRefused(retriesLeft: status.pinTriesLeft))
        }
    }

    /// Where somebody wants just this use, and where the card is asked for the first signature of a login: its PIN is then
    /// verified for all else, and has another state for signatures.
    private func isTypedAgain(
        _ access: Access, _ verification: Verification, _ transaction: Transaction
    ) -> Bool {
        access.isGiven
            || verification == .signature && withLogin { $0.isVerified(.user, in: transaction.epoch) }
    }

    private func typeAgain(
        _ access: Access, _ verification: Verification, _ transaction: Transaction
    ) throws(CardError) {
        let typed = Result { () throws(CardError) in try verifyOnReader(verification, transaction) }
        guard case .failure(let error) = typed else { return }
        guard error.isAnswer else { throw error }
        withLogin { access.isGiven ? $0.noteRefusal(of: verification) : $0.end(verification.owner) }
        throw Self.missing
    }

    /// One VERIFY.
    private func send(
        _ secret: LoginSecret, _ verification: Verification, _ transaction: Transaction
    ) throws(CardError) {
        guard case .pin(let pin) = secret else { return try verifyOnReader(verification, transaction) }
        try pin.withBytes { (bytes) throws(CardError) in
            // Of one that was wiped, as in the child of a fork: VERIFY without any would ask, and pass for success.
            guard bytes.byteCount > 0 else { throw Self.missing }
            try verify(verification, bytes, transaction)
        }
    }

    /// One VERIFY with a secret that was just given, or is now typed on the reader, with the application surely selected.
    ///
    /// - Parameter isLogin: whether the secret is kept, for it is a login.
    package func verify(
        _ secret: LoginSecret, _ verification: Verification, isLogin: Bool, _ transaction: Transaction
    ) throws(CardError) {
        try transaction.prepareForSecret()
        let sent = Result { () throws(CardError) in try send(secret, verification, transaction) }
        if case .failure(let error) = sent {
            withLogin { $0.noteRefusal(of: verification) }
            throw try refusal(error, of: verification.owner, transaction)
        }
        withLogin {
            if isLogin { $0.begin(verification.owner, with: secret) }
            $0.noteVerified(verification, in: transaction.epoch)
        }
    }

    /// Runs a command that gives a secret another value, by the old one: a login goes on with the new one.
    package func replace(
        _ owner: PINKeeper.Owner, by new: LoginSecret, _ transaction: Transaction,
        _ command: () throws(CardError) -> Void
    ) throws(CardError) {
        withLogin { $0.noteRefusal(of: owner == .user ? .user : .administrator) }
        let outcome = Result { () throws(CardError) in try command() }
        if case .failure(let error) = outcome {
            // Where no answer came, nobody knows which value the card has now: none is sent unasked.
            if case .channel = error, error.mayHaveCostTry { withLogin { $0.end(owner) } }
            throw try refusal(error, of: owner, transaction)
        }
        withLogin { $0.replace(owner, by: new) }
    }

    /// What it means that the card refused a secret that was just given, noted where that may have cost a try.
    package func refusal(
        _ error: CardError, of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) -> CardError {
        if owner == .user, error.mayHaveCostTry { withCache { $0.tries?.doubt() } }
        if transaction.card.exchange.mayComeOfReset(error.status) { return error }
        return try explain(error, of: owner, transaction)
    }
}

extension CommandError {
    /// Whether a card answers so in which no application knows the command, as after a reset. The command was not carried
    /// out: a PIN in it has cost no try.
    package var isUnknownCommand: Bool { status == .instructionNotSupported || status == .classNotSupported }

    fileprivate var mayHaveCostTry: Bool {
        switch self {
        case .channel(_, .pinEntryEnded), .channel(_, .newPINsDiffer), .channel(_, .pinEntryLength),
            .channel(_, .pinEntryRefused), .refused:
            false
        case .channel, .answered, .malformed: true
        }
    }
}

extension StatusWord {
    /// 6A81, 6984, 6985: what a card answers to VERIFY that takes no PIN over this interface, such as the contactless one
    /// (SP 800-73-5 part 2, section 3.2.1, and what OpenSC's card-piv.c knows). No PIN was compared.
    package var refusesAnyPIN: Bool {
        self == .functionNotSupported || self == .conditionsOfUseNotSatisfied || rawValue == 0x6984
    }

    /// The tries that an answer to VERIFY tells: 63CX, 630X on a YubiKey NEO (OpenSC's CI_VERIFY_630X), none with 6983. Nil
    /// for 6300, which tells none, and for another status.
    package var pinTriesLeft: Int? {
        if self == .authenticationMethodBlocked { return 0 }
        if rawValue & 0xFFF0 == 0x6300, rawValue != 0x6300 { return Int(rawValue & 0x0F) }
        return triesLeft
    }
}

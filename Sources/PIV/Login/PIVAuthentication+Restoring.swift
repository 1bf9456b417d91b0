import CardApplication
import HostCrypto
import ISO7816

/// What is done where the card may have forgotten what it was shown.
extension PIVAuthentication {
    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept PIN is sent only where the card says that more than one try is left: the PIN may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time. A card that says that its PIN is verified is not asked to verify the login's, which may be
    /// an old one by now; for a single use it is asked to verify the PIN that was just given for that use. A PIN that was
    /// typed on the reader is asked for again where it is for a single use; a login that was made so, or whose PIN is kept
    /// no more, is over where the card has forgotten it.
    ///
    /// - Throws: `notLoggedIn` where there is no PIN to do it with, `keptPINRefused` where the card does not take the kept
    ///   one or has no try to spare for it.
    mutating func restore(
        _ access: Access, _ transaction: PIVTransaction, pinReference: () throws(CardError) -> PINReference
    ) throws(CardError) {
        guard let secret = try secret(for: access), verifiedEpoch != transaction.epoch else { return }
        try transaction.selectForSecret()
        let reference = try pinReference()
        if case .singleUse(.some) = access, case .typedOnReader = secret {
            try typeAgain(reference, transaction)
        } else if try isTold(access, secret, reference, transaction) {
            verifiedEpoch = transaction.epoch
            return
        } else if case .pin(let pin) = secret {
            try sendAgain(pin, reference, transaction)
        }
        verifiedEpoch = transaction.epoch
        transaction.noteRestored()
    }

    /// What brings the card back: nil where nothing is needed.
    private func secret(for access: Access) throws(CardError) -> LoginSecret? {
        let secret: LoginSecret?
        switch access {
        case .none: return nil
        case .login, .administration: secret = login
        case .singleUse(let given?): secret = given.generation == generation ? given.secret : nil
        case .singleUse(nil): secret = isFresh ? login : nil
        }
        guard let secret else { throw Self.missing }
        return secret
    }

    private static let missing = CardError.refused(.notLoggedIn)

    /// Asks the card for the state of its PIN.
    ///
    /// - Returns: whether the PIN is verified, so that nothing needs to be sent.
    /// - Throws: where the secret is not to be sent.
    private mutating func isTold(
        _ access: Access, _ secret: LoginSecret, _ reference: PINReference, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        let status = try transaction.card.pinStatus(reference)
        if status == .success {
            switch access {
            case .singleUse(.some): break
            // The login's PIN was for the first use, which would need it sent once more: whoever wants the use gives it.
            case .singleUse(nil): throw Self.missing
            case .none, .login, .administration: return true
            }
        }
        guard case .pin(let pin) = secret, !pin.isWiped else {
            // A permission that has run out leaves the login alone.
            if case .singleUse(.some) = access { throw Self.missing }
            end()
            throw Self.missing
        }
        if status == .success || status.pinTriesLeft ?? 0 > 1 { return false }
        if transaction.card.exchange.mayComeOfReset(status) { throw .answered(.verifyStatus, status) }
        end()
        let left = status == .authenticationMethodBlocked ? 0 : status.pinTriesLeft
        throw left == nil ? Self.missing : .refused(.keptPINRefused(retriesLeft: left))
    }

    private mutating func sendAgain(
        _ pin: StoredPIN, _ reference: PINReference, _ transaction: PIVTransaction
    ) throws(CardError) {
        let verified = Result { () throws(CardError) in
            try pin.withBytes { (bytes) throws(CardError) in try transaction.card.verify(reference, pin: bytes) }
        }
        guard case .failure(let error) = verified else { return }
        if transaction.card.exchange.mayComeOfReset(error.status) { throw error }
        end()
        guard let status = error.status else { throw error.isAnswer ? Self.missing : error }
        throw .refused(
            .keptPINRefused(retriesLeft: status == .authenticationMethodBlocked ? 0 : status.pinTriesLeft))
    }

    private mutating func typeAgain(_ reference: PINReference, _ transaction: PIVTransaction) throws(CardError) {
        let typed = Result { () throws(CardError) in try transaction.card.verifyOnReader(reference) }
        guard case .failure(let error) = typed else { return }
        // A card that refuses a PIN drops its verified state.
        if error.isAnswer { beginVerification() }
        throw error.isAnswer ? Self.missing : error
    }
}

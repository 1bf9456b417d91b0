import CardApplication
import HostCrypto
import ISO7816

/// What is done where the card may have forgotten what it was shown.
extension OpenPGPAuthentication {
    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept password is sent only where the card says that more than one try is left: it may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time. Nor is it sent where the card says that the state is there already: another program has
    /// then verified a password that may be a new one. For a single signature it is, for the other one's state is the
    /// other one's. A login that was made on the reader, or whose password is kept no more, is over where the card has
    /// forgotten it.
    ///
    /// - Throws: `notLoggedIn` where there is no password to do it with, `keptPINRefused` where the card does not take the
    ///   kept one.
    mutating func restore(_ access: Access, _ transaction: OpenPGPTransaction) throws(CardError) {
        guard let mode = access.mode else { return }
        guard let secret = secret(for: access) else { throw Self.missing }
        guard verifiedEpochs[mode] != transaction.epoch else { return }
        let status = try transaction.passwordStatus()
        // Somebody has made PW1 valid for one signature: the login is not for all of them any more.
        if case .signature = access, status?.isValidForSeveralSignatures == false { throw Self.missing }
        if try isVerifiedElsewhere(access, mode, transaction) {
            verifiedEpochs[mode] = transaction.epoch
            return
        }
        switch secret {
        case .pin(let password): try sendAgain(password, access, mode, status, transaction)
        case .typedOnReader: try typeAgain(access, mode, transaction)
        }
        verifiedEpochs[mode] = transaction.epoch
        transaction.noteRestored()
    }

    private mutating func sendAgain(
        _ password: StoredPIN, _ access: Access, _ mode: PasswordMode, _ status: PasswordStatus?,
        _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        guard !password.isWiped else {
            // A permission that has run out leaves the login alone.
            if !access.isGiven { end(mode) }
            throw Self.missing
        }
        guard let status, status.tries(mode.secret) > 1 else {
            end(mode)
            throw status.map { Self.refused(triesLeft: $0.tries(mode.secret)) } ?? Self.missing
        }
        let sent = Result { () throws(CardError) in try send(.pin(password), mode, transaction) }
        guard case .failure(let error) = sent else { return }
        if transaction.card.exchange.mayComeOfReset(error.status) { throw error }
        end(mode)
        switch error {
        case .channel, .refused: throw error
        case .malformed: throw Self.missing
        // Most cards do not tell what is left after it (section 7.2.2: 63CX since version 3.4).
        case .answered(_, .securityStatusNotSatisfied): throw Self.refused(triesLeft: status.tries(mode.secret) - 1)
        case .answered(_, let status):
            throw Self.refused(triesLeft: status == .authenticationMethodBlocked ? 0 : status.triesLeft)
        }
    }

    /// Has the password typed once more where somebody wants just this use, or where the card is asked for the first
    /// signature of a login: PW1 is then verified for all else, and has another state for signatures.
    private mutating func typeAgain(
        _ access: Access, _ mode: PasswordMode, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        guard access.isGiven || mode == .signature && verifiedEpochs[.other] == transaction.epoch else {
            end(mode)
            throw Self.missing
        }
        let typed = Result { () throws(CardError) in try send(.typedOnReader, mode, transaction) }
        guard case .failure(let error) = typed else { return }
        guard error.isAnswer else { throw error }
        // A card that refuses a password drops its verified state.
        if access.isGiven {
            forgetVerification(of: mode)
            isFresh = false
        } else {
            end(mode)
        }
        throw Self.missing
    }

    /// Whether the card is in the state already though this process has not put it there since it was lost. Asks only where
    /// the password was not verified in this epoch at all: one that was is known to be right.
    private func isVerifiedElsewhere(
        _ access: Access, _ mode: PasswordMode, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        if case .singleSignature = access { return false }
        let others: [PasswordMode] = mode == .administrator ? [] : [.signature, .other]
        guard transaction.tellsVerification, !others.contains(where: { verifiedEpochs[$0] == transaction.epoch }) else {
            return false
        }
        let answer = Result { () throws(CardError) in try transaction.card.isVerified(mode) }
        // A card that does not tell says nothing against the password.
        if case .failure(let error) = answer, error.isAnswer { return false }
        return try answer.get()
    }

    private static func refused(triesLeft: Int?) -> CardError { .refused(.keptPINRefused(retriesLeft: triesLeft)) }
}

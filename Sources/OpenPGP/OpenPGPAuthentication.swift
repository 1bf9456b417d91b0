import HostCrypto
import ISO7816
import Token

/// What the logins let this process do at the card. Lives inside card transactions.
///
/// PW1 is one password with two states at the card: 81 for signatures and 82 for all else. A login verifies 82; 81 is
/// verified with the same PIN when a signature is first asked for.
struct OpenPGPAuthentication {
    /// What a command needs.
    enum Access {
        /// Nothing.
        case none
        /// The user's login, as long as it lasts: PW1 in mode 82.
        case user
        /// The user's login, for the signature key of a card on which PW1 stays valid for several: mode 81.
        case signature
        /// PW1 right before this one signature: the one that was given for it, or, with nil, that of a login since
        /// which no key was used.
        case singleSignature(OpenPGPUseAuthorization?)
        /// The administrator's login: PW3.
        case administrator

        /// The state that the card must be in.
        var mode: PasswordMode? {
            switch self {
            case .none: nil
            case .user: .other
            case .signature, .singleSignature: .signature
            case .administrator: .administrator
            }
        }
    }

    private var user: StoredPIN?
    private var administrator: StoredPIN?
    /// The epochs of the exchange in which passwords were verified last: in a later one they are verified no more.
    private var verifiedEpochs: [PasswordMode: UInt64] = [:]
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So OpenSSH sees it, which gives no second PIN right after a login.
    private var isFresh = false

    /// Counts the user's logins that have ended, with all permissions that were given in them.
    private(set) var generation: UInt64 = 0

    /// Whether the same PIN was verified for the login and no key was used since: it is then known to be right, and is
    /// sent when the key is used.
    func isJustVerified(_ pin: StoredPIN) -> Bool { isFresh && user?.isEqual(to: pin) == true }

    /// The permission for one signature that the login gives.
    func permissionOfLogin() -> OpenPGPUseAuthorization? {
        user.map { OpenPGPUseAuthorization($0, generation: generation) }
    }

    /// One VERIFY with a password that was just given, with the application surely selected.
    ///
    /// - Parameter isLogin: whether the password is kept, for it is a login.
    mutating func verify(
        _ password: StoredPIN, _ mode: PasswordMode, isLogin: Bool, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        try transaction.prove()
        do throws(CardError) {
            try send(password, mode, transaction)
        } catch {
            // A card that refuses a password drops its verified state.
            forgetVerification(of: mode)
            if mode != .administrator { isFresh = false }
            throw error
        }
        verifiedEpochs[mode] = transaction.epoch
        guard isLogin else { return }
        if mode == .administrator {
            administrator = password
        } else {
            user = password
            isFresh = true
        }
    }

    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept password is sent only where the card says that more than one try is left: it may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time. Nor is it sent where the card says that the state is there already: another program has
    /// then verified a password that may be a new one. For a single signature it is, for the other one's state is the
    /// other one's.
    ///
    /// - Throws: 6982 for the login where there is no password to do it with, or the tries left where the card does not
    ///   take the kept one.
    mutating func restore(_ access: Access, _ transaction: OpenPGPTransaction) throws(CardError) {
        guard let mode = access.mode else { return }
        guard let password = password(for: access) else { throw Self.missing }
        guard verifiedEpochs[mode] != transaction.epoch else { return }
        let status = try transaction.passwordStatus()
        // Somebody has made PW1 valid for one signature: the login is not for all of them any more.
        if case .signature = access, status?.isValidForSeveralSignatures == false { throw Self.missing }
        if try isVerifiedElsewhere(access, mode, transaction) {
            verifiedEpochs[mode] = transaction.epoch
            return
        }
        guard let status, status.tries(mode.secret) > 1 else {
            end(mode)
            throw status.map { Self.refused(triesLeft: $0.tries(mode.secret)) } ?? Self.missing
        }
        let sent = Result { () throws(CardError) in try send(password, mode, transaction) }
        if case .failure(let error) = sent {
            if transaction.mayBeResetYet, error.isUnknownCommand { throw error }
            end(mode)
            switch error.cause {
            case .channel: throw error
            case .malformed: throw Self.missing
            // Most cards do not tell what is left after it (section 7.2.2: 63CX since version 3.4).
            case .status(.securityStatusNotSatisfied): throw Self.refused(triesLeft: status.tries(mode.secret) - 1)
            case .status(let status): throw CardError(OpenPGPCard.keptPasswordName, .status(status))
            }
        }
        verifiedEpochs[mode] = transaction.epoch
        transaction.noteRestored()
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

    private static func refused(triesLeft: Int) -> CardError {
        CardError(OpenPGPCard.keptPasswordName, .status(StatusWord(rawValue: 0x63C0 | UInt16(min(triesLeft, 15)))))
    }

    /// Notes that a password has another value: the login goes on with it, and permissions that were given with the old one
    /// end. What the card makes of its verified state then it is asked.
    mutating func replaceLogin(_ mode: PasswordMode, by password: StoredPIN) {
        forgetVerification(of: mode)
        if mode == .administrator {
            if administrator != nil { administrator = password }
        } else if user != nil {
            user = password
            isFresh = false
            generation += 1
        }
    }

    /// Notes that the card has, or may have, lost a verified state.
    mutating func forgetVerification(of mode: PasswordMode) {
        switch mode {
        case .administrator: verifiedEpochs[.administrator] = nil
        case .signature, .other: (verifiedEpochs[.signature], verifiedEpochs[.other]) = (nil, nil)
        }
    }

    /// Notes that a key was used: the login was for this use, and not for the next one of an "always" key.
    ///
    /// - Parameter endsSignatureState: whether the card has taken back mode 81, for it was valid for one signature.
    mutating func noteUse(endsSignatureState: Bool) {
        isFresh = false
        if endsSignatureState { verifiedEpochs[.signature] = nil }
    }

    /// Ends all logins, and the permissions that were given in them.
    ///
    /// - Returns: the modes that the card last verified for this process, each with its epoch.
    mutating func endLogins() -> [PasswordMode: UInt64] {
        let verified = verifiedEpochs
        end(.administrator)
        end(.other)
        return verified
    }

    private static let missing = CardError("login", .status(.securityStatusNotSatisfied))

    private func password(for access: Access) -> StoredPIN? {
        switch access {
        case .none: nil
        case .user, .signature: user
        case .singleSignature(let given?): given.generation == generation ? given.password : nil
        case .singleSignature(nil): isFresh ? user : nil
        case .administrator: administrator
        }
    }

    private func send(
        _ password: StoredPIN, _ mode: PasswordMode, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        try password.withBytes { (bytes) throws(CardError) in
            // In the child of a fork the bytes are gone: VERIFY without any would ask, and pass for success.
            guard bytes.byteCount > 0 else { throw Self.missing }
            try transaction.verify(mode, password: bytes)
        }
    }

    private mutating func end(_ mode: PasswordMode) {
        forgetVerification(of: mode)
        if mode == .administrator {
            administrator = nil
        } else {
            user = nil
            isFresh = false
            generation += 1
        }
    }
}

/// The permission for one signature, as long as the login lasts in which it was given.
final class OpenPGPUseAuthorization: UseAuthorization {
    let password: StoredPIN
    let generation: UInt64

    init(_ password: StoredPIN, generation: UInt64) {
        self.password = password
        self.generation = generation
    }
}

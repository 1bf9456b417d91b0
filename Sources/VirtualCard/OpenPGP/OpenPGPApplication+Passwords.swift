import APDU

/// PW1, PW3 and the resetting code (sections 4.3 and 7.2.2 to 7.2.4).
extension OpenPGPApplication {
    private typealias Password = WritableKeyPath<OpenPGPState, ReferenceData>

    /// The shortest PW1; PW3 and the resetting code have 8 bytes at least (section 4.3).
    private static let userMinimum = 6
    private static let administratorMinimum = 8

    /// What commands ask for.
    func require(_ reference: PasswordReference) throws(Refusal) {
        guard security.verified.contains(reference) else { throw Refusal(.securityStatusNotSatisfied) }
    }

    /// VERIFY without data: 9000 where the reference is verified, else the tries left.
    func getStatus(_ reference: PasswordReference) throws(Refusal) {
        guard !security.verified.contains(reference) else { return }
        let left = state[keyPath: Self.password(reference)].triesLeft
        throw left == 0 ? Refusal(.authenticationMethodBlocked) : .wrong(triesLeft: left)
    }

    /// VERIFY with P1 = FF: the reference counts as not verified.
    func resetStatus(_ reference: PasswordReference) throws(Refusal) {
        guard features.isVersion(since: 3) else { throw Refusal(.wrongParameters) }
        security.verified.remove(reference)
    }

    /// VERIFY.
    func verify(_ reference: PasswordReference, _ value: [UInt8]) throws(Refusal) {
        security.verified.remove(reference)
        try compare(Self.password(reference)) { $0 == value }
        security.verified.insert(reference)
    }

    /// CHANGE REFERENCE DATA: the old and the new password one after the other. Only the card knows where the old one
    /// ends.
    func changeReferenceData(_ reference: PasswordReference, _ both: [UInt8]) throws(Refusal) {
        let path = Self.password(reference)
        try compare(path) { both.starts(with: $0) }
        let new = Array(both.dropFirst(state[keyPath: path].value.count))
        try checkLength(new, minimum: reference == .administrator ? Self.administratorMinimum : Self.userMinimum)
        try change { $0[keyPath: path].replace(with: new) }
    }

    /// RESET RETRY COUNTER: a new PW1, by the resetting code that stands before it, or by PW3.
    func resetRetryCounter(withCode: Bool, _ data: [UInt8]) throws(Refusal) {
        var new = data
        if withCode {
            try compare(\.resettingCode) { data.starts(with: $0) }
            new = Array(data.dropFirst(state.resettingCode.value.count))
        } else {
            try require(.administrator)
        }
        try checkLength(new, minimum: Self.userMinimum)
        try change { $0.userPassword.replace(with: new) }
        security.verified.subtract([.signature, .user])
    }

    /// PUT DATA to D3: a new resetting code with all its tries, or none (section 4.3.1).
    func putResettingCode(_ value: [UInt8]) throws(Refusal) {
        if !value.isEmpty { try checkLength(value, minimum: Self.administratorMinimum) }
        try change { state in
            state.resettingCode.replace(with: value)
            if value.isEmpty { state.resettingCode = .noResettingCode(tries: state.resettingCode.tries) }
        }
    }

    private static func password(_ reference: PasswordReference) -> Password {
        reference == .administrator ? \.administratorPassword : \.userPassword
    }

    private func checkLength(_ value: [UInt8], minimum: Int) throws(Refusal) {
        guard (minimum...features.passwordLimit).contains(value.count) else { throw Refusal(.incorrectData) }
    }

    /// Compares a password. The try is spent, and put away, before the answer is known, so that a card pulled in
    /// between does not get it back. A wrong one is answered 6982 (section 7.2.2); the tries left stand in DO C4.
    private func compare(_ path: Password, _ isRight: ([UInt8]) -> Bool) throws(Refusal) {
        guard state[keyPath: path].triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
        try change { $0[keyPath: path].triesLeft -= 1 }
        guard isRight(state[keyPath: path].value) else { throw Refusal(.securityStatusNotSatisfied) }
        try change { $0[keyPath: path].triesLeft = $0[keyPath: path].tries }
    }
}

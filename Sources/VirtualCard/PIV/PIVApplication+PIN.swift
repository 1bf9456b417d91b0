import APDU

/// PIN, global PIN and PUK (SP 800-73-5 part 2, sections 3.2.1 to 3.2.3).
extension PIVApplication {
    /// VERIFY without data: 9000 where the reference is verified, else the tries left.
    func getStatus(_ reference: KeyReference) throws(Refusal) {
        let path = try pinPath(reference)
        guard !security.verified.contains(reference) else { return }
        let left = state[keyPath: path].triesLeft
        throw left == 0 ? Refusal(.authenticationMethodBlocked) : .wrong(triesLeft: left)
    }

    /// VERIFY with P1 = FF: the reference counts as not verified.
    func resetStatus(_ reference: KeyReference) throws(Refusal) {
        _ = try pinPath(reference)
        forget(reference)
    }

    /// VERIFY.
    func verify(_ reference: KeyReference, _ value: [UInt8]) throws(Refusal) {
        try compare(value, with: try pinPath(reference), reference)
        note(verified: reference)
    }

    /// CHANGE REFERENCE DATA. A new value of the wrong form is told after the current one was compared, with 6985
    /// on a YubiKey (Yubico's PIV manual, "Change reference data").
    func changeReferenceData(_ reference: KeyReference, current: [UInt8], new: [UInt8]) throws(Refusal) {
        let path = reference == .unblockingKey ? \CardState.unblockingKey : try pinPath(reference)
        if !profile.isYubiKey { try checkForm(new, of: reference) }
        try compare(current, with: path, reference)
        try checkForm(new, of: reference)
        try change { $0[keyPath: path].replace(with: new) }
        if reference != .unblockingKey { note(verified: reference) }
    }

    /// RESET RETRY COUNTER: the PUK gives the PIN a new value and all its tries.
    func resetRetryCounter(unblockingKey: [UInt8], newPIN: [UInt8]) throws(Refusal) {
        try compare(unblockingKey, with: \.unblockingKey, .unblockingKey)
        try checkForm(newPIN, of: .applicationPIN)
        try change { $0.applicationPIN.replace(with: newPIN) }
        forget(.applicationPIN)
    }

    /// SET PIN RETRIES (Yubico, FA): after both the management key and the PIN; both values become the default ones.
    func setTries(pin: Int, unblockingKey: Int) throws(Refusal) {
        try requireAdministrator()
        guard security.verified.contains(.applicationPIN) else { throw Refusal(.securityStatusNotSatisfied) }
        try change { state in
            state.applicationPIN = .defaultPIN(tries: pin)
            state.unblockingKey = .defaultUnblockingKey(tries: unblockingKey)
        }
        forget(.applicationPIN)
    }

    /// Whether the PIN or, where the card has it, the global PIN is verified.
    var isPINVerified: Bool { !security.verified.isEmpty }

    private func note(verified reference: KeyReference) {
        security.verified.insert(reference)
        security.hasFreshPIN = true
    }

    private func forget(_ reference: KeyReference) {
        security.verified.remove(reference)
        security.hasFreshPIN = false
    }

    /// The PIN that VERIFY compares; 6A88 for another reference.
    private func pinPath(_ reference: KeyReference) throws(Refusal) -> WritableKeyPath<CardState, ReferenceData> {
        switch reference {
        case .applicationPIN: return \.applicationPIN
        case .globalPIN where profile.hasGlobalPIN: return \.globalPIN
        default: throw Refusal(.referenceNotFound)
        }
    }

    /// Compares a value. The try is spent, and put away, before the answer is known, so that a card pulled in
    /// between does not get it back.
    private func compare(
        _ value: [UInt8], with path: WritableKeyPath<CardState, ReferenceData>, _ reference: KeyReference
    ) throws(Refusal) {
        // A malformed value costs no try on a card that looks at its form (SP 800-73-5 part 2, section 3.2.1); a
        // YubiKey compares whatever comes.
        if !profile.isYubiKey { try checkForm(value, of: reference) }
        guard state[keyPath: path].triesLeft > 0 else {
            forget(reference)
            throw Refusal(.authenticationMethodBlocked)
        }
        try change { $0[keyPath: path].triesLeft -= 1 }
        guard state[keyPath: path].value == value else {
            forget(reference)
            throw .wrong(triesLeft: state[keyPath: path].triesLeft)
        }
        try change { $0[keyPath: path].triesLeft = $0[keyPath: path].tries }
    }

    /// Six to eight characters and FF for the rest.
    private func checkForm(_ value: [UInt8], of reference: KeyReference) throws(Refusal) {
        let text = value.prefix { $0 != 0xFF }
        let isPadded = value.dropFirst(text.count).allSatisfy { $0 == 0xFF }
        let allowed = allowedCharacters(of: reference)
        guard text.count >= 6, isPadded, text.allSatisfy(allowed.contains) else {
            throw Refusal(profile.isYubiKey ? .conditionsOfUseNotSatisfied : .incorrectData)
        }
    }

    /// Decimal digits for a PIN and any byte for a PUK (SP 800-73-5 part 1, section 2.4.3); a YubiKey takes any, below
    /// 80 from firmware 5.7 on (Yubico's PIV manual, "Change reference data").
    private func allowedCharacters(of reference: KeyReference) -> ClosedRange<UInt8> {
        if profile.isYubiKey(since: 5, 7) { return 0x00...0x7F }
        return profile.isYubiKey || reference == .unblockingKey ? 0x00...0xFE : 0x30...0x39
    }
}

import CardApplication
import ISO7816

/// The commands that verify passwords.
extension OpenPGPCard {
    /// VERIFY (OpenPGP card 3.4.1, section 7.2.2).
    public func verify(_ mode: PasswordMode, password: RawSpan) throws(CardError) {
        try sendSecret(.verify, CommandHeader(ins: 0x20, p1: 0, p2: mode.rawValue), password)
    }

    /// VERIFY without data asks for the status and spends no try: from version 3 on. What an older card makes of it
    /// nobody has written down, so they are not asked.
    ///
    /// - Returns: whether the password is verified in this mode.
    public func isVerified(_ mode: PasswordMode) throws(CardError) -> Bool {
        let name = OpenPGPCommand.verifyStatus
        let status = try answer(name, CommandHeader(ins: 0x20, p1: 0, p2: mode.rawValue)).status
        if status == .success { return true }
        guard status.triesLeft != nil || status == .authenticationMethodBlocked || status == .securityStatusNotSatisfied
        else { throw .answered(name, status) }
        return false
    }

    /// VERIFY with P1 = FF takes the verified state back and spends no try: from version 3 on.
    public func resetVerification(_ mode: PasswordMode) throws(CardError) {
        _ = try send(
            .verifyReset, CommandHeader(ins: 0x20, p1: 0xFF, p2: mode.rawValue))
    }
}

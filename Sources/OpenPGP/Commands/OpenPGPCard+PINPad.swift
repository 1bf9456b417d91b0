import CardApplication
import ISO7816

/// The commands whose password is typed on the reader's keys, which puts it there as it is.
extension OpenPGPCard {
    /// VERIFY (OpenPGP card 3.4.1, section 7.2.2).
    func verifyOnReader(_ mode: PasswordMode, lengths: ClosedRange<Int>) throws(CardError) {
        let header = CommandHeader(ins: 0x20, p1: 0, p2: mode.rawValue)
        try enter(.verify, PINEntry(header, .current, lengths: lengths))
    }

    /// CHANGE REFERENCE DATA (OpenPGP card 3.4.1, section 7.2.3).
    func changePasswordOnReader(_ mode: PasswordMode, lengths: ClosedRange<Int>) throws(CardError) {
        let header = CommandHeader(ins: 0x24, p1: 0, p2: mode.reference)
        try enter(.changeReferenceData, PINEntry(header, .currentAndNew, lengths: lengths))
    }

    /// RESET RETRY COUNTER (OpenPGP card 3.4.1, section 7.2.4).
    ///
    /// - Parameter byAdministrator: by PW3, which was verified; else the resetting code is typed first.
    func resetRetryCounterOnReader(byAdministrator: Bool, lengths: ClosedRange<Int>) throws(CardError) {
        let header = CommandHeader(ins: 0x2C, p1: byAdministrator ? 2 : 0, p2: PasswordMode.other.reference)
        try enter(
            byAdministrator ? .resetByAdministrator : .resetRetryCounter,
            PINEntry(header, byAdministrator ? .new : .currentAndNew, lengths: lengths))
    }
}

import CardApplication
import ISO7816

/// The commands whose PIN is typed on the reader's keys.
extension PIVCard {
    /// VERIFY (SP 800-73-5 part 2, section 3.2.1): the reader fills the PIN up to eight bytes with FF.
    func verifyOnReader(_ reference: PINReference) throws(CardError) {
        try enter(.verify, entry(CommandHeader(ins: 0x20, p1: 0, p2: reference.rawValue), .current))
    }

    /// CHANGE REFERENCE DATA (SP 800-73-5 part 2, section 3.2.2).
    func changeReferenceDataOnReader(_ reference: PINReference) throws(CardError) {
        let header = CommandHeader(ins: 0x24, p1: 0, p2: reference.rawValue)
        try enter(.changeReferenceData, entry(header, .currentAndNew))
    }

    /// RESET RETRY COUNTER (SP 800-73-5 part 2, section 3.2.3): the PUK is typed first.
    func resetRetryCounterOnReader() throws(CardError) {
        let header = CommandHeader(ins: 0x2C, p1: 0, p2: PINReference.application.rawValue)
        try enter(.resetRetryCounter, entry(header, .currentAndNew))
    }

    private func entry(_ header: CommandHeader, _ secrets: PINEntry.Secrets) -> PINEntry {
        PINEntry(header, secrets, lengths: PIVToken.pinLengths, blockSize: 8)
    }
}

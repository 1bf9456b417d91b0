import CardApplication
import ISO7816
import Platform

/// The commands that give PIN and PUK new values.
extension PIVCard {
    /// CHANGE REFERENCE DATA (SP 800-73-5 part 2, section 3.2.2): both values are filled up to eight bytes here.
    public func changeReferenceData(
        _ reference: PINReference, from old: RawSpan, to new: RawSpan
    ) throws(CardError) {
        try sendBoth(
            .changeReferenceData, CommandHeader(ins: 0x24, p1: 0, p2: reference.rawValue), old, new)
    }

    /// RESET RETRY COUNTER (SP 800-73-5 part 2, section 3.2.3): the PUK gives the PIV Card Application PIN a new value.
    public func resetRetryCounter(unblockingKey: RawSpan, newPIN: RawSpan) throws(CardError) {
        let header = CommandHeader(ins: 0x2C, p1: 0, p2: PINReference.application.rawValue)
        try sendBoth(.resetRetryCounter, header, unblockingKey, newPIN)
    }

    private func sendBoth(
        _ name: PIVCommand, _ header: CommandHeader, _ first: RawSpan, _ second: RawSpan
    ) throws(CardError) {
        var data = [UInt8]()
        data.reserveCapacity(16)
        defer { data.wipe() }
        data.append(padding: first)
        data.append(padding: second)
        try sendSecret(name, header, data.span.bytes)
    }
}

extension [UInt8] {
    /// Appends a PIN of at most eight bytes, filled up with FF to eight.
    mutating func append(padding pin: RawSpan) {
        append(contentsOf: pin.extracting(first: 8))
        for _ in 0..<Swift.max(0, 8 - pin.byteCount) { append(0xFF) }
    }
}

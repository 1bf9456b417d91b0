import ISO7816
import Platform

extension PCSCChannel: PINPad {
    /// See `CardChannel`.
    public var pinPad: (any PINPad)? { keys.abilities.isEmpty ? nil : self }

    /// See `PINPad`.
    public var abilities: PINPadAbilities { keys.abilities }

    /// See `PINPad`. The call lasts as long as the person needs. It has a context and a connection of its own, so calls on
    /// other cards go on.
    public func enter(_ entry: PINEntry) throws(ChannelError) -> [UInt8] {
        guard let (code, structure) = keys.request(for: entry) else { throw .pinEntryRefused }
        let answer = try control(code, structure.span.bytes)
        guard answer.count == 2 else { throw .malformedAnswer }
        // PC/SC part 10, section 2.5.4: what the reader says in the card's place.
        switch (answer[0], answer[1]) {
        case (0x64, 0x00), (0x64, 0x01): throw .pinEntryEnded
        case (0x64, 0x02): throw .newPINsDiffer
        case (0x64, 0x03): throw .pinEntryLength
        case (0x6B, 0x80): throw .pinEntryRefused
        default: return answer
        }
    }
}

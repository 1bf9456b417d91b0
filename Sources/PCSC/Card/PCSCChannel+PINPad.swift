import ISO7816
import Platform

extension PCSCChannel: PINPad {
    /// See `CardChannel`.
    public var pinPad: (any PINPad)? { abilities.isEmpty ? nil : self }

    /// See `PINPad`.
    public var abilities: PINPadAbilities { keys.withLock { $0.abilities } }

    /// See `PINPad`. The call lasts as long as the person needs. It has a context and a connection of its own, so calls on
    /// other cards go on.
    ///
    /// A reader that refuses at once, before anybody could have typed anything, only claims its keys: from then on the
    /// channel has none, and the PIN is asked for as with any other reader.
    public func enter(_ entry: PINEntry) throws(ChannelError) -> [UInt8] {
        guard let (code, structure) = keys.withLock({ $0.request(for: entry) }) else { throw .pinEntryRefused }
        let answer: [UInt8]
        var isRefused = false
        do throws(ChannelError) {
            answer = try control(code, structure.span.bytes) { code, milliseconds in
                isRefused = code.mayRefuseEntry && milliseconds < Self.quickestEntry
            }
        } catch {
            guard isRefused, error != .removed else { throw error }
            keys.withLock { $0 = .none }
            throw .pinEntryRefused
        }
        guard answer.count == 2 else { throw .malformedAnswer }
        // PC/SC part 10, section 2.5.4: what the reader says in the card's place.
        switch (answer[0], answer[1]) {
        case (0x64, 0x00), (0x64, 0x01): throw .pinEntryEnded
        case (0x64, 0x02): throw .newPINsDiffer
        case (0x64, 0x03): throw .pinEntryLength
        case (0x6B, 0x80):
            keys.withLock { $0 = .none }
            throw .pinEntryRefused
        default: return answer
        }
    }

    /// Milliseconds in which nobody has typed a PIN.
    private static let quickestEntry = 1000
}

extension SCardCode {
    /// Whether a driver may say so in place of "the reader has no keys".
    fileprivate var mayRefuseEntry: Bool {
        switch self {
        case .notTransacted, .unsupportedFeature, .invalidParameter, .internalError, .unknownError, .insufficientBuffer:
            true
        default: false
        }
    }
}

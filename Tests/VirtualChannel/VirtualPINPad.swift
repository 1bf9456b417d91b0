import ISO7816
import VirtualCard

/// The keys of a reader, and a person at them. It makes the command from what the entry says, as the reader's firmware would.
public final class VirtualPINPad: PINPad {
    /// What the person does next.
    public enum Act: Sendable {
        /// Types these, one after the other: the PIN; or the new PIN twice; or the PIN of now and the new PIN twice.
        case types([String])
        /// Presses the key that cancels, or nothing in time.
        case cancels
        /// The same, after this has happened.
        case typesAfter(@Sendable () -> Void, [String])
    }

    /// What can be typed here.
    public var abilities: PINPadAbilities = [.verify, .modify]
    /// What the person does when they are asked; they cancel where this is empty.
    public var acts: [Act] = []
    /// What was asked for.
    public private(set) var entries: [PINEntry] = []
    private let card: VirtualCard

    init(card: VirtualCard) { self.card = card }

    /// Has the person act, and the card do the command.
    public func enter(_ entry: PINEntry) throws(ChannelError) -> [UInt8] {
        entries.append(entry)
        switch acts.isEmpty ? .cancels : acts.removeFirst() {
        case .cancels: throw .pinEntryEnded
        case .types(let words): return card.process(try command(entry, words))
        case .typesAfter(let meanwhile, let words):
            meanwhile()
            return card.process(try command(entry, words))
        }
    }

    private func command(_ entry: PINEntry, _ words: [String]) throws(ChannelError) -> [UInt8] {
        var secrets = words.map { Array($0.utf8) }
        guard secrets.count == Self.count(of: entry.secrets) else { throw .pinEntryRefused }
        guard secrets.allSatisfy({ entry.lengths.contains($0.count) }) else { throw .pinEntryLength }
        if entry.secrets != .current {
            guard secrets.removeLast() == secrets.last else { throw .newPINsDiffer }
        }
        var data: [UInt8] = []
        for secret in secrets {
            data += secret
            guard let size = entry.blockSize else { continue }
            guard secret.count <= Int(size) else { throw .pinEntryLength }
            data += [UInt8](repeating: 0xFF, count: Int(size) - secret.count)
        }
        return CommandAPDU(header: entry.header, data: data).encoded
    }

    private static func count(of secrets: PINEntry.Secrets) -> Int {
        switch secrets {
        case .current: 1
        case .new: 2
        case .currentAndNew: 3
        }
    }
}

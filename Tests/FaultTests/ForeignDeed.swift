import FaultFlows
import VirtualCard

/// What another program does to the PIN of one application, and leaves the card reset.
struct ForeignDeed: Hashable, Sendable, CustomStringConvertible {
    enum Kind: CaseIterable, Sendable {
        /// The PIN is another one now.
        case changes
        /// The same, and there is one try left for it.
        case changesAndSpendsTwo
        /// It was typed wrongly once, twice, or until it was blocked.
        case spendsOne, spendsTwo, blocks
        /// Nothing but the reset.
        case nothing
    }

    let kind: Kind
    let isOpenPGP: Bool

    var description: String { "\(kind) (\(isOpenPGP ? "OpenPGP" : "PIV"))" }

    /// The tries that the PIN has after it.
    var triesLeft: UInt8 {
        switch kind {
        case .changes, .nothing: 3
        case .spendsOne: 2
        case .spendsTwo, .changesAndSpendsTwo: 1
        case .blocks: 0
        }
    }

    static let all = Kind.allCases.flatMap { kind in
        [false, true].map { ForeignDeed(kind: kind, isOpenPGP: $0) }
    }

    func act(on card: VirtualCard) {
        card.reset()
        defer { card.reset() }
        let identifier = isOpenPGP ? FaultyCard.openPGPIdentifier : FaultyCard.pivIdentifier
        _ = card.process([0x00, 0xA4, 0x04, 0x00, UInt8(identifier.count)] + identifier)
        if kind == .changes || kind == .changesAndSpendsTwo {
            let data = padded(CardKeys.pin) + padded(CardKeys.otherPIN(than: CardKeys.pin))
            _ = card.process([0x00, 0x24, 0x00, isOpenPGP ? 0x81 : 0x80, UInt8(data.count)] + data)
        }
        let wrong = padded("999999")
        for _ in triesLeft..<3 {
            _ = card.process([0x00, 0x20, 0x00, isOpenPGP ? 0x81 : 0x80, UInt8(wrong.count)] + wrong)
        }
    }

    private func padded(_ pin: String) -> [UInt8] {
        Array(pin.utf8) + (isOpenPGP ? [] : [UInt8](repeating: 0xFF, count: 8 - pin.utf8.count))
    }
}

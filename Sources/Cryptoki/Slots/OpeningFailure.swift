import Token

/// A card that could not be opened, and what that means for the next try.
struct OpeningFailure {
    let error: TokenError
    /// When it was, in milliseconds of the library's clock.
    let time: Int
    /// Whether another program that holds the card was waited for.
    let hasWaited: Bool

    /// For how long a card that does not answer, or that another program holds, is believed to go on like that, in
    /// milliseconds. A client asks for slots and tokens several times when it starts, and each try to power a mute card
    /// takes a second or more.
    static let lifetime = 10_000

    /// Whether the next try would bring nothing. A card that answers, and has no application that the module knows,
    /// stays like that.
    func isFinal(at now: Int) -> Bool {
        error == .notRecognised || error == .unresponsive && now - time < Self.lifetime
    }

    /// Whether another program was waited for, in vain, and is not to be waited for again so soon.
    func exhaustsPatience(at now: Int) -> Bool {
        error == .heldByAnother && hasWaited && now - time < Self.lifetime
    }

    /// What is known after a try that followed this one and failed too: a look without waiting tells nothing new of who
    /// holds the card.
    func followed(by next: OpeningFailure) -> OpeningFailure {
        error == .heldByAnother && next.error == .heldByAnother && !next.hasWaited ? self : next
    }
}

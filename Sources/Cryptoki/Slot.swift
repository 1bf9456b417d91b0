import Platform
import Token

/// Who is logged in to a token, for all sessions of this process with it.
enum LoginState { case none, user, officer }

/// A reader, and the card in it. Its fields are guarded by the library's lock.
final class CardReader {
    let name: String
    /// Held while the card in the reader is opened, so that two threads do not both do it.
    let openLock = Lock()
    /// The card's stay in the reader, or nil where there is none.
    var insertion: UInt64?
    /// The tokens of the card, once somebody asked for them.
    var tokens: [any Token]?
    /// Whether the card was opened and has no application that the module knows.
    var isForeign = false

    init(name: String) { self.name = name }
}

/// A slot: the place of one application's token in one reader. Every reader has one; a card with more applications
/// gives its reader more. Slots stay for the process's life, so that their ids do.
final class Slot {
    let id: UInt
    let reader: CardReader
    /// Which of the card's tokens is this slot's.
    let ordinal: Int
    /// Held through everything that begins or ends a login, so that the token and `login` agree.
    let loginLock = Lock()
    var login = LoginState.none

    init(id: UInt, reader: CardReader, ordinal: Int) {
        self.id = id
        self.reader = reader
        self.ordinal = ordinal
    }

    var readerName: String { reader.name }

    /// The token, where the card has been opened and has so many.
    var token: (any Token)? {
        guard let tokens = reader.tokens, ordinal < tokens.count else { return nil }
        return tokens[ordinal]
    }

    /// Whether there is, as far as is known, a token in this slot. A card that nobody has opened yet counts for the
    /// first slot of its reader.
    var hasToken: Bool {
        guard reader.insertion != nil else { return false }
        return reader.tokens.map { ordinal < max(1, $0.count) } ?? (ordinal == 0)
    }
}

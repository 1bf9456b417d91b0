import Platform
import Token

/// A reader. It stays for the process's life, as its slots do; what is in it stands in the library's tables.
final class CardReader: Sendable {
    let name: String
    /// Its place in the tables.
    let number: Int
    /// The turn of a thread that opens the card, so that two do not both do it.
    let opening = Guarded(OpeningTurn())

    init(name: String, number: Int) {
        self.name = name
        self.number = number
    }
}

/// Whoever has it is the one thread that opens the card in a reader.
struct OpeningTurn {
    // With a byte it has an address of its own: else the thread sanitizer takes it for the lock beside it.
    private var byte: UInt8 = 0

    fileprivate init() {}
}

/// What the tables know of a reader and of the card in it.
struct ReaderState {
    let reader: CardReader
    /// The card's stay in the reader, or nil where there is none, or where a call found that it is gone. The next look
    /// then takes whatever it finds for a card that came, even under the same number: a token with a reader of its own,
    /// pulled out and put in again between two looks, comes back as a reader of the same name that counts from the
    /// start.
    var insertion: UInt64?
    /// The tokens of the card, once somebody asked for them.
    var contents: CardContents?
    /// When its applications were looked for last, in milliseconds of the library's clock.
    var lastLook = 0
    /// Whether the card came after the first look at the readers, and nobody knows yet how many tokens it carries.
    var isNews = false
    /// What came of the last try to open the card, where that was no token.
    var failure: OpeningFailure?

    init(_ reader: CardReader, insertion: UInt64?) {
        self.reader = reader
        self.insertion = insertion
    }

    /// One of the card's tokens, where the card has been opened and has so many.
    func token(_ ordinal: Int) -> (any Token)? {
        guard let tokens = contents?.tokens, ordinal < tokens.count else { return nil }
        return tokens[ordinal]
    }

    /// Whether there is, as far as is known, such a token. A card that nobody has opened counts for the first slot of its
    /// reader, also where that failed.
    func hasToken(_ ordinal: Int) -> Bool {
        guard insertion != nil else { return false }
        return contents == nil ? ordinal == 0 : token(ordinal) != nil
    }
}

import Platform
import Token

/// Who is logged in to a token, for all sessions of this process with it.
enum LoginState { case none, user, officer }

/// A reader, and the card in it. Its fields are guarded by the library's lock.
final class CardReader {
    let name: String
    /// Held while the card in the reader is opened, so that two threads do not both do it.
    let openLock = Lock()
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

    init(name: String) { self.name = name }
}

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

/// A slot: the place of one application's token in one reader. Every reader has one; a card with more applications
/// gives its reader more. Slots stay for the process's life, so that their ids do.
final class Slot {
    let id: UInt
    let reader: CardReader
    /// Which of the card's tokens is this slot's.
    let ordinal: Int
    /// Held through everything that begins or ends a login, so that the token and `login` agree. The end of the card's
    /// stay, which ends the token too, needs no such agreement.
    let loginLock = Lock()
    /// Guarded by the library's lock, as is `loginEpoch`.
    var login = LoginState.none { didSet { loginEpoch += 1 } }
    /// Another number for each login: who finds that a login does not hold any more tells by it which one it was.
    private(set) var loginEpoch = 0
    /// See `Library`.
    let loginServesEachUse: Bool
    /// Goes into C_GenerateRandom. It outlives the card, whose bytes stay as good as they were.
    let randomness = CardRandomness()
    /// Whether a token came or went here that C_WaitForSlotEvent has not told of. Guarded by the library's lock.
    var hasEvent = false

    init(id: UInt, reader: CardReader, ordinal: Int, loginServesEachUse: Bool) {
        self.id = id
        self.reader = reader
        self.ordinal = ordinal
        self.loginServesEachUse = loginServesEachUse
    }

    var readerName: String { reader.name }

    /// The token, where the card has been opened and has so many.
    var token: (any Token)? {
        guard let tokens = reader.contents?.tokens, ordinal < tokens.count else { return nil }
        return tokens[ordinal]
    }

    /// Whether there is, as far as is known, a token in this slot. A card that nobody has opened counts for the first slot
    /// of its reader, also where that failed.
    var hasToken: Bool {
        guard reader.insertion != nil else { return false }
        return reader.contents == nil ? ordinal == 0 : token != nil
    }
}

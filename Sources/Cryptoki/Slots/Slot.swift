import Platform
import Token

/// Who is logged in to a token, for all sessions of this process with it.
enum LoginState { case none, user, officer }

/// A slot: the place of one application's token in one reader. Every reader has one; a card with more applications
/// gives its reader more. Slots stay for the process's life, so that their ids do; what is in them stands in the library's
/// tables.
final class Slot: Sendable {
    /// CK_SLOT_ID, which is its place in the tables.
    let id: UInt
    let reader: CardReader
    /// Which of the card's tokens is this slot's.
    let ordinal: Int
    /// The turn of a thread that begins or ends a login, so that the token and the tables agree who is logged in. The end of
    /// the card's stay, which ends the token too, needs no such agreement.
    let login = Guarded(LoginTurn())
    /// See `Library`.
    let loginServesEachUse: Bool
    /// Goes into C_GenerateRandom. It outlives the card, whose bytes stay as good as they were.
    let randomness = CardRandomness()

    init(id: UInt, reader: CardReader, ordinal: Int, loginServesEachUse: Bool) {
        self.id = id
        self.reader = reader
        self.ordinal = ordinal
        self.loginServesEachUse = loginServesEachUse
    }

    var readerName: String { reader.name }
}

/// Whoever has it is the one thread that begins or ends a login in a slot.
struct LoginTurn {
    // With a byte it has an address of its own: else the thread sanitizer takes it for the lock beside it.
    private var byte: UInt8 = 0

    fileprivate init() {}
}

/// What the tables know of a slot.
struct SlotState {
    let slot: Slot
    private(set) var login = LoginState.none
    /// Another number for each login: who finds that a login does not hold any more tells by it which one it was.
    private(set) var loginEpoch = 0
    /// Whether a token came or went here that C_WaitForSlotEvent has not told of.
    var hasEvent = false
    /// The sessions of this process with the token, by their handles.
    private(set) var sessions: [UInt: SessionRecord] = [:]
    private(set) var readOnlySessionCount = 0

    init(_ slot: Slot) { self.slot = slot }

    /// Notes who is logged in from now on.
    mutating func setLogin(_ login: LoginState) {
        self.login = login
        loginEpoch += 1
    }

    mutating func add(_ session: SessionRecord) {
        sessions[session.handle] = session
        if !session.isReadWrite { readOnlySessionCount += 1 }
    }

    mutating func remove(_ session: SessionRecord) {
        guard sessions.removeValue(forKey: session.handle) != nil else { return }
        if !session.isReadWrite { readOnlySessionCount -= 1 }
    }
}

import HostCrypto
import ISO7816
import Token

/// A card application under the engine: what it answers differently from others. The commands, the parsers, the catalogue,
/// the writing of keys and the reset are its own; transactions, logins, what is believed of the card, and the keys of the
/// reader are the engine's.
///
/// The lock order: the card's own lock (a transaction), then `withLogin` or `withCache`, never both and never around a
/// command.
package protocol ApplicationToken: Token, TokenPINPad {
    /// The commands, one method each.
    associatedtype Commands: CardCommands
    /// What was read.
    associatedtype Cache: ApplicationCache
    /// What it knows of a login beside the secret.
    associatedtype Details: LoginDetails = NoDetails
    /// What it notes of one transaction.
    associatedtype Notes: TransactionNotes = NoDetails

    /// One transaction with the application.
    typealias Transaction = CardTransaction<Self>
    /// What a command of the application throws.
    typealias CardError = CommandError<Commands.Command>

    /// Card, login and cache.
    var state: TokenState<Cache, Details> { get }

    /// The name by which it is selected.
    static var applicationIdentifier: [UInt8] { get }

    /// Whether SELECT alone proves which application it is that gets a secret; else `isSelected` is enough.
    static var isProvenBySelectAlone: Bool { get }

    /// The commands behind an exchange.
    func commands(_ exchange: CardExchange) -> Commands

    /// SELECT.
    func select(_ transaction: Transaction) throws(CardError)

    /// Whether an answer shows that the application is the selected one, which leaves alone what other programs have
    /// verified. Sends nothing where no command can show that.
    func isSelected(_ transaction: Transaction) throws(CardError) -> Bool

    /// Whether something that was refused was the application's own word: it reads what no other application has. Sends
    /// nothing where it knows of no such thing.
    func showsItself(_ transaction: Transaction) throws(CardError) -> Bool

    /// Throws `TokenError.removed` unless the card shows that it is the one that the token is of: not every reader tells that
    /// another card is in it. Asked before anything that was kept for the one card is sent.
    func proveIdentity(_ transaction: Transaction) throws(CardError)

    /// Whether what is believed of a key was told so lately that a result which cannot be verified may be taken for its.
    func isBelieved(_ key: ObjectReference, at now: Int) -> Bool

    /// Asks anew which key lies in a place; another one, or none, raises the revision of the key's objects.
    func readAnew(_ key: ObjectReference, _ transaction: Transaction) throws(CardError)

    /// Notes what came of SELECT, before the login is restored.
    func begin(_ transaction: Transaction) throws(CardError)

    /// Leaves the card as other programs expect it, and notes what the error that ends the transaction tells of it.
    func leave(_ transaction: Transaction, after error: CardError?)

    /// Whether the application does not work, so that it has no objects and no tries to tell of.
    var isOutOfService: Bool { get }

    /// Throws unless a secret may have this length and these characters. Sends nothing.
    func checkForm(_ text: RawSpan, of owner: PINKeeper.Owner) throws(TokenError)

    /// A secret as the card wants it now.
    func prepare(
        _ text: RawSpan, of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) -> StoredPIN

    /// VERIFY.
    func verify(
        _ verification: Verification, _ secret: RawSpan, _ transaction: Transaction
    ) throws(CardError)

    /// The same with what a person types on the reader.
    func verifyOnReader(_ verification: Verification, _ transaction: Transaction) throws(CardError)

    /// Throws where the card wants a secret in another form than a reader makes.
    func checkTyping(of owner: PINKeeper.Owner, _ transaction: Transaction) throws(CardError)

    /// What a refused secret means, where the card tells more of it when it is asked.
    func explain(
        _ refusal: CardError, of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) -> CardError

    /// What the card says of a verified state before a secret that was kept is sent for it.
    func told(
        of verification: Verification, for access: Access, _ transaction: Transaction
    ) throws(CardError) -> ToldVerification

    /// Whether what a command needs is still what the card asks for.
    func admits(_ access: Access, _ transaction: Transaction) throws(CardError) -> Bool

    /// Brings the card back to where it lets this process write.
    func restoreAdministration(_ transaction: Transaction) throws(CardError)

    /// Whether a login verifies the PIN for signatures too, for nobody can give it later.
    var verifiesSignaturesAtLogin: Bool { get }

    /// The state that one use of a key needs.
    func verification(forUseOf key: ObjectReference) -> Verification

    /// Whether the card can take a verified state back.
    var takesBackVerification: Bool { get }

    /// Takes a verified state back, with what was known of the login that has ended.
    func takeBack(
        _ verification: Verification, _ ended: Login<Details>, _ transaction: Transaction
    ) throws(CardError)

    /// The tries of the user's PIN.
    func readTries(_ transaction: Transaction) throws(CardError) -> PINStatus

    /// What is needed to read an object. One that needs the user's login is shown to the user alone.
    func access(to object: ObjectReference) -> Access

    /// The value of a certificate or a data object, as it is believed or read; nil where it is not there.
    func read(_ object: ObjectReference, _ transaction: Transaction) throws(CardError) -> [UInt8]?

    /// Whether an object is looked for only where somebody asks for it by name.
    func isFoundByNameAlone(_ object: ObjectReference) -> Bool

    /// Whether the card holds an object that nothing is believed of.
    func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: Transaction
    ) throws(CardError) -> Bool
}

/// What the card says of a verified state: whether it is there, because another program has verified the PIN, which may be
/// a new one; the tries that are left, where it tells; and those after a refusal that tells none (6982) and spends one.
package typealias ToldVerification = (isVerified: Bool, triesLeft: Int?, triesAfterRefusal: Int?)

/// What an application notes of one transaction.
package protocol TransactionNotes {
    /// Nothing yet.
    init()
}

/// Of an application that has nothing to note; logins of the user and the administrator stand side by side.
package struct NoDetails: LoginDetails, TransactionNotes {
    package init() {}

    package static var isOneLogin: Bool { false }
}

/// What most applications answer.
extension ApplicationToken {
    package func isSelected(_ transaction: Transaction) throws(CardError) -> Bool { false }

    package func showsItself(_ transaction: Transaction) throws(CardError) -> Bool { false }

    package func proveIdentity(_ transaction: Transaction) throws(CardError) {}

    package func isBelieved(_ key: ObjectReference, at now: Int) -> Bool { true }

    package func readAnew(_ key: ObjectReference, _ transaction: Transaction) throws(CardError) {}

    package func begin(_ transaction: Transaction) throws(CardError) {}

    package func leave(_ transaction: Transaction, after error: CardError?) {}

    package var isOutOfService: Bool { false }

    package func prepare(
        _ text: RawSpan, of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) -> StoredPIN {
        try Result { () throws(TokenError) in try keep(text) }.mapError { CardError.refused($0) }.get()
    }

    package func verifyOnReader(
        _ verification: Verification, _ transaction: Transaction
    ) throws(CardError) { throw .refused(.unsupported) }

    package func checkTyping(
        of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) {}

    package func explain(
        _ refusal: CardError, of owner: PINKeeper.Owner, _ transaction: Transaction
    ) throws(CardError) -> CardError { refusal }

    package func admits(_ access: Access, _ transaction: Transaction) throws(CardError) -> Bool { true }

    package func restoreAdministration(_ transaction: Transaction) throws(CardError) {
        try restore(.login(.administrator), transaction)
    }

    package var verifiesSignaturesAtLogin: Bool { false }

    package func verification(forUseOf key: ObjectReference) -> Verification { .user }

    package var takesBackVerification: Bool { false }

    package func takeBack(
        _ verification: Verification, _ ended: Login<Details>, _ transaction: Transaction
    ) throws(CardError) {}

    package func access(to object: ObjectReference) -> Access { .none }

    package func isFoundByNameAlone(_ object: ObjectReference) -> Bool { false }

    package func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: Transaction
    ) throws(CardError) -> Bool { try read(object, transaction) != nil }

    /// A copy of a secret that is wiped at its end.
    package func keep(_ secret: RawSpan) throws(TokenError) -> StoredPIN {
        try Result { () throws(HostCryptoError) in try StoredPIN(secret) }
            .mapError { _ in TokenError.failed("no memory for the PIN") }.get()
    }
}

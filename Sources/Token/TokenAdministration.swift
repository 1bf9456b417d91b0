import Keys

/// Setting a card up: the half of the seam `Token` that changes who may do what, and which keys there are.
///
/// Secrets are text as people type it. A secret that is wrong costs one of its own tries, and no other. Keys are written
/// by whoever may write objects (see `Token.write`), in an order that a loss of power cannot turn into something worse
/// than the old key, the new one, or what `unfinishedChanges` names; each method of a card says which.
public protocol TokenAdministration: AnyObject, Sendable {
    /// Gives the user another PIN. A login goes on with the new one.
    func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError)

    /// Gives the user a new PIN with all its tries, by the code that is kept for that: the PUK of a PIV card, the resetting
    /// code of an OpenPGP card.
    func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError)

    /// Gives the user another PIN by what is given as the old one. Where the card says, when it is asked for that right
    /// before, that the PIN is blocked, no value can be right: it is then the code that unblocks the PIN.
    func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError)

    /// Gives the user a new PIN with all its tries, by the administrator's login.
    ///
    /// - Throws: `TokenError.administratorNeeded` where nobody is logged in whom the card lets do that.
    func initializePIN(to new: RawSpan) throws(TokenError)

    /// Gives the administrator another secret. A login goes on with the new one.
    func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError)

    /// When the administrator's secret asks for a touch. Asks the card.
    func administratorTouchPolicy() throws(TokenError) -> KeyPolicy.TouchPolicy

    /// Changes the code that unblocks the PIN.
    ///
    /// - Parameter old: the code of now, or nil where the administrator's login is what the card asks for.
    func changeUnblockingCode(from old: RawSpan?, to new: RawSpan) throws(TokenError)

    /// Those of the secrets that are still the maker's; nil where the card does not tell without a try. Asks the card.
    func factorySecrets() throws(TokenError) -> [FactorySecret]?

    /// Gives the administrator another secret, which the card keeps behind the user's PIN from then on: whoever logs in as
    /// the user may write.
    ///
    /// - Throws: `TokenError.unsupported` where the card has no place for it.
    func changeAdministratorSecret(from old: RawSpan, toOneBehindPIN new: RawSpan) throws(TokenError)

    /// How many tries the code that unblocks the PIN has left. Asks the card.
    func unblockingStatus() throws(TokenError) -> PINStatus

    /// Puts the application into the state in which it left the factory: keys, certificates and objects are gone, PINs are
    /// the maker's. Asks for no login: whoever holds the card may do it, so the caller must have asked.
    ///
    /// - Parameter secret: what the administrator's secret is to be after it; nil leaves the maker's.
    func reset(administratorSecret secret: RawSpan?) throws(TokenError)

    /// What lies in a key's place. Asks the card.
    func content(of place: ObjectReference) throws(TokenError) -> PlaceContent

    /// The first place that is surely empty and can hold a key of this algorithm, or nil where there is none left.
    ///
    /// - Throws: `TokenError.algorithmNotSupported` where no place can hold one, `TokenError.unsupported` where the card
    ///   does not tell which places are empty.
    func emptyPlace(for algorithm: KeyType) throws(TokenError) -> ObjectReference?

    /// The algorithms that a key may have in a place, as far as the card tells.
    func keyAlgorithms(at key: ObjectReference) throws(TokenError) -> [KeyType]

    /// Whether a key of this algorithm is worth asking the card for: beside what it is known to have, what nothing tells of a
    /// card that has more than its specification.
    func mayHave(_ algorithm: KeyType, at key: ObjectReference) throws(TokenError) -> Bool

    /// Has the card make a key pair, in the place of the one that is there. A certificate that is not the new key's goes.
    ///
    /// - Parameter key: the private key's place.
    /// - Returns: the public key (SubjectPublicKeyInfo, DER).
    func generateKeyPair(
        _ algorithm: KeyType, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8]

    /// Imports a private key, in the place of the one that is there. A certificate that is not its own goes.
    ///
    /// - Parameter privateKeyInfo: DER (RFC 5208, section 5), not encrypted.
    func importPrivateKey(
        _ privateKeyInfo: RawSpan, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError)

    /// Moves a private key, and its certificate, to an empty place.
    func moveKey(from source: ObjectReference, to target: ObjectReference) throws(TokenError)

    /// What the card asks for before it attests a private key: `once` says that the user must be logged in. Sends nothing.
    func attestationPolicy(of key: ObjectReference) throws(TokenError) -> KeyPolicy

    /// The card's certificate that it made a private key itself (DER). An OpenPGP card puts it into the place of the key's
    /// own certificate, which is lost.
    func attest(_ key: ObjectReference) throws(TokenError) -> [UInt8]

    /// What changes that were broken off have left: certificates that are not the key's in their place, keys of which
    /// the card does not have all that belongs to them. Asks the card.
    func unfinishedChanges() throws(TokenError) -> [ObjectReference]

    /// Does what is missing to what `unfinishedChanges` names: deletes such certificates, completes such keys. Needs what
    /// `generateKeyPair` needs.
    func finishChanges() throws(TokenError)
}

/// A secret that a card may still have from its maker, so that everybody knows it.
public enum FactorySecret: Hashable, Sendable {
    /// The user's PIN.
    case pin
    /// The code that unblocks the PIN.
    case unblockingCode
    /// The administrator's secret.
    case administratorSecret
}

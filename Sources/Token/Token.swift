import Keys

/// The one seam for card applications: what any token offers, whichever card and application it is.
///
/// A token lives as long as its card is in the reader; once it has thrown `TokenError.removed` it is of no more use.
/// All methods may be called from any thread. What has been read is kept, so that nothing is read twice; a method
/// says so where it may send no APDU at all. What sets a card up stands in `TokenAdministration`.
public protocol Token: TokenAdministration {
    /// Who the token is. Read once.
    func information() throws(TokenError) -> TokenInformation

    /// The number that is printed on the token, which no new key changes; nil where the card does not tell one. Asks the card.
    func printedNumber() throws(TokenError) -> String?

    /// The version of the card's firmware; nil where it does not tell. Asks the card once.
    func firmware() throws(TokenError) -> TokenInformation.Version?

    /// How many PIN tries are left. Asks the card unless it said so within the last seconds.
    func pinStatus() throws(TokenError) -> PINStatus

    /// Every object that an application of this kind can hold, in the order in which they are shown. Sends nothing.
    var catalogue: [ObjectDescription] { get }

    /// Asks which of these private keys the card uses without a PIN; the catalogue then shows them to everybody. Sends nothing
    /// where the card does not tell, or has told.
    func learnPolicies(of keys: [ObjectReference]) throws(TokenError)

    /// Those of the objects that the card holds now, in the order given. Reads what that needs, and all of it in one
    /// transaction. What was read within the last seconds is not read again; after that another program may have
    /// written to the card, so certificates, data objects and what was not there are looked at once more.
    ///
    /// - Parameter areNamed: whether the user asked for just these objects, by id or label, and not for all of a
    ///   kind. An object that the card has no index of is then looked for.
    func present(among objects: [ObjectReference], areNamed: Bool) throws(TokenError) -> [ObjectReference]

    /// Tells one object from the next in the same place: another number once a certificate or key was found replaced,
    /// or any object gone or deleted. A data object stays the same one when its value changes. Sends nothing.
    func revision(of object: ObjectReference) -> UInt64

    /// The value of a certificate (DER, uncompressed) or of a data object (as the container holds it). Read again
    /// where it was last read more than some seconds ago.
    func value(of object: ObjectReference) throws(TokenError) -> [UInt8]

    /// What stands in the place of a certificate that is there and cannot be read, as it stands there. Nil where it can be
    /// read, or there is none. Such a certificate is no object: it has no subject, and nobody finds its key by it.
    func unreadableCertificate(at object: ObjectReference) throws(TokenError) -> [UInt8]?

    /// The certificates of which it was last found that they are there and cannot be read, and why. Sends nothing.
    func unreadableCertificates() -> [ObjectReference: String]

    /// Whether the card that made a private key is known to make keys that others can find out (ROCA, CVE-2017-15361). Asks
    /// the card for its firmware, where its keys may be of that kind.
    func isKnownWeak(_ key: ObjectReference) throws(TokenError) -> Bool

    /// What people should be told of the card beside results: lines for a log, each given once. Sends nothing.
    func takeNotices() -> [String]

    /// The SubjectPublicKeyInfo (DER; RFC 5280, section 4.1) that belongs to a public or private key.
    func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8]

    /// What the card says of a private key. Asks the card where it can tell more than the specification.
    func policy(of key: ObjectReference) throws(TokenError) -> KeyPolicy

    /// What a key can be used for on this card.
    func usage(of key: ObjectReference) throws(TokenError) -> KeyUsage

    /// What a key of this algorithm could be used for in a place. Sends nothing.
    func usage(of algorithm: KeyType, at place: ObjectReference) -> KeyUsage

    /// Asks the card which key lies in a place, because a result was not this key's.
    ///
    /// - Returns: whether it is still the same one; else its `revision(of:)` has gone up.
    func isUnchanged(_ key: ObjectReference) throws(TokenError) -> Bool

    /// Verifies the user's PIN (UTF-8 bytes) and remembers it, so that a login survives what other programs do to
    /// the card. One try is spent where it is wrong, and never more.
    func login(pin: RawSpan) throws(TokenError)

    /// Verifies the PIN for one use of a key whose policy is "always". One try is spent where it is wrong.
    func authenticate(pin: RawSpan, forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization

    /// The permission for one use of a key whose policy is "always", with the PIN of the user's login: for programs that
    /// know no login for one use. Sends nothing; the PIN is verified when the key is used.
    func authenticateWithLogin(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization

    /// Logs the administrator in: with the management key of a PIV card, PW3 of an OpenPGP card. The secret is text, as
    /// people type it (hexadecimal for a management key), and is remembered as a PIN is.
    func loginAdministrator(secret: RawSpan) throws(TokenError)

    /// The same for whoever means the secret that lets write. A secret that the card would take for another one, as it takes
    /// six to eight characters for a PIV card's PUK, is `TokenError.pinLengthOutOfRange`, and nothing is sent.
    func proveAdministrator(secret: RawSpan) throws(TokenError)

    /// The keys of the reader, where it has some on which this card's PIN can be typed. Asks the card where it may want its
    /// PIN in a form that no reader makes.
    func pinPad() throws(TokenError) -> (any TokenPINPad)?

    /// Wipes the PINs that were kept for long enough. Sends nothing and waits for nobody.
    func wipeExpiredPINs()

    /// Wipes the PIN or the administrator's secret and takes back the card's own verified state.
    func logout()

    /// Puts a value into a certificate (DER) or a data object (as the container holds it): makes the object, or
    /// replaces what was there. Needs the administrator's login, or the user's where the card lets the user write.
    ///
    /// - Parameter revision: the object that is to be changed, by its `revision(of:)`. The card is asked first, and
    ///   where the object was deleted or replaced meanwhile nothing is written and `TokenError.objectNotFound` thrown.
    ///   With nil it does not matter what was there.
    func write(_ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?) throws(TokenError)

    /// Deletes a certificate or a data object, or a private key where the card can do that (`isWritable` in the
    /// catalogue). Needs what `write` needs.
    func delete(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError)

    /// Whether the card itself puts PKCS#1 v1.5 padding on and takes it off (OpenPGP), or does the bare RSA operation
    /// on what the host has padded (PIV). Sends nothing.
    var padsRSA: Bool { get }

    /// The most bytes that a card which pads (`padsRSA`) takes for a modulus of so many bytes. Sends nothing.
    func mostToPad(modulusSize: Int) -> Int

    /// What keys the card can have. A card that tells is asked, once.
    func cardAlgorithms() throws(TokenError) -> CardAlgorithms

    /// Signs with a private key. The signature is the card's word: whoever hands it on verifies it, see `isUnchanged`.
    ///
    /// - Parameters:
    ///   - input: for RSA the padded block, as long as the modulus, or, where the card pads, what is to be padded,
    ///     such as a DigestInfo; for ECDSA the hash, cut to at most the length of
    ///     the group order; for EdDSA the whole message.
    ///   - authorization: what `authenticate(pin:forUseOf:)` gave for this use, or nil.
    /// - Returns: for RSA as many bytes as the modulus has; for ECDSA the DER SEQUENCE of r and s; for EdDSA R‖S.
    func sign(
        with key: ObjectReference, input: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8]

    /// The RSA private-key operation on a ciphertext as long as the modulus. The result keeps its padding, unless the
    /// card takes it off (`padsRSA`); `TokenError.dataInvalid` is then the answer to a wrong padding. As the result cannot be
    /// verified, the card is asked for the key before where it told of it more than some seconds ago; another one is
    /// `TokenError.objectNotFound`. So it is for `sharedSecret`.
    func decipher(
        with key: ObjectReference, ciphertext: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8]

    /// The secret that a private key shares with the other side's key pair (elliptic-curve Diffie-Hellman, X25519, X448).
    ///
    /// - Parameter point: the other side's public key: 04 ‖ x ‖ y, or the octets of a Montgomery curve. Nothing is sent
    ///   for one that is no point of the key's curve: it is `TokenError.dataInvalid`.
    /// - Returns: the x coordinate, as long as a field element, or the Montgomery function's result.
    func sharedSecret(
        with key: ObjectReference, point: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8]

    /// Encrypts or decrypts with an AES key of the card, in CBC mode.
    ///
    /// - Parameters:
    ///   - blocks: whole blocks, one at least.
    ///   - iv: the block that the first one is chained to.
    func cipher(
        _ blocks: [UInt8], iv: [UInt8], with key: ObjectReference, isEncrypting: Bool
    ) throws(TokenError) -> [UInt8]

    /// Random bytes of the card's own generator: so many, or fewer where it does not give that many at once; none from a
    /// card that has none, and none where the card is busy or would have to be switched to this application.
    func randomBytes(atMost count: Int) throws(TokenError) -> [UInt8]
}

/// The permission for one use of a key, from the token that gave it. Whoever holds it makes that use and lets go;
/// what it keeps is wiped with its last reference.
public protocol UseAuthorization: AnyObject, Sendable {}

/// Where tokens come from: the readers of the system and the card applications that the module knows.
public protocol TokenSource: AnyObject, Sendable {
    /// The readers there are now, in the system's order. Sends no APDU and does not wait. Without the service it is
    /// empty.
    func readers() -> [ReaderPresence]

    /// Waits until readers and cards are others than `known`, and returns at once where they already are.
    ///
    /// - Returns: false once `stopWaiting()` was called, before or during the wait.
    func waitForChange(since known: [ReaderPresence]) -> Bool

    /// Ends all waits, now and for good.
    func stopWaiting()

    /// Connects to the card in a reader and looks for each application that the module knows. One that fails hides no
    /// other.
    ///
    /// - Parameter isPatient: whether to wait, for a bounded time, while another program has the card for itself.
    /// - Throws: `TokenError.notRecognised` where there is none, `TokenError.removed` where there is no card,
    ///   `TokenError.heldByAnother` where another program does not let go.
    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents
}

/// One reader and what is in it.
public struct ReaderPresence: Hashable, Sendable {
    /// The system's name of the reader.
    public var name: String
    /// A number for the card's stay in the reader, or nil where there is no card. Another number means that a card
    /// was pulled out in between, even if it is the same card.
    public var insertion: UInt64?

    /// A reader's status.
    public init(name: String, insertion: UInt64?) {
        self.name = name
        self.insertion = insertion
    }
}

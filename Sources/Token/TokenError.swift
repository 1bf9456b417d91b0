/// What a token answers instead of a result, in words that belong to no card application and not to PKCS#11.
public enum TokenError: Error, Hashable, Sendable {
    /// The PIN is wrong; so many tries are left, where the card told.
    case pinIncorrect(retriesLeft: Int?)
    /// The PIN is blocked: no try is left.
    case pinBlocked
    /// The PIN is shorter or longer than the card takes. Nothing was sent.
    case pinLengthOutOfRange
    /// The PIN has characters that the card does not take. Nothing was sent.
    case pinMalformed
    /// The new PIN is one that the card's policy does not allow: too simple, or too short. Nothing was changed.
    case pinTooSimple
    /// No PIN was given, and the reader has no keys on which it could be typed.
    case pinMissing
    /// Nothing was typed on the reader's keys, or the person there cancelled. No try was spent.
    case pinEntryEnded
    /// The new PIN that was typed on the reader's keys was another one the second time. Nothing was changed.
    case newPINsDiffer
    /// The object or key needs a login that is not there, or is there no more.
    case notLoggedIn
    /// The PIN that was kept for the login is not the card's PIN any more, or could not be tried without taking the last
    /// try. So many tries are left, where the card told. The PIN is wiped, and the login is over.
    case keptPINRefused(retriesLeft: Int?)
    /// The key wants the PIN for this very use, and it was not given. The login stands.
    case useNotAuthenticated
    /// The login is not one that may do this: the card lets only its administrator write.
    case administratorNeeded
    /// The object cannot be changed on this card, whoever is logged in.
    case readOnly
    /// The card was pulled out, or its reader was.
    case removed
    /// There is a card that answers, but none that this module knows.
    case notRecognised
    /// There is a card, but it does not answer (for now): put in upside down, without power, broken.
    case unresponsive
    /// Another program uses the card exclusively.
    case heldByAnother
    /// The smart card service does not run, or went away.
    case serviceUnavailable
    /// The touch, or another act of the user that the key asks for, did not come in time.
    case userActionMissing
    /// The card holds no such object.
    case objectNotFound
    /// The key, or the card, cannot do this.
    case unsupported
    /// The card refused the data: wrong length or form for this key.
    case dataInvalid
    /// The certificate is of another key than the one in its place.
    case certificateOfAnotherKey
    /// The card has no keys of this algorithm, or not in this place.
    case algorithmNotSupported
    /// The card's memory is full, or it failed.
    case memoryFull
    /// Anything else; the text names the command and what came back, and holds nothing secret.
    case failed(String)
}

import Platform
import Token

/// Where lines for people go: what went wrong with a reader, a card or a PIN. No line holds anything secret.
public struct Log: Sendable {
    private let write: @Sendable (String) -> Void

    /// A log that hands each line to `write`: without a line break or another control character, whatever a reader
    /// calls itself.
    public init(write: @escaping @Sendable (String) -> Void) { self.write = { write($0.printable) } }

    /// A log that drops everything.
    public static let silent = Log { _ in }

    /// Writes one line.
    public func line(_ text: String) { write(text) }

    /// Writes that somebody wanted to use a slot that is empty.
    func noCard(_ slot: Slot) { write("slot \(slot.id), reader \"\(slot.readerName)\": there is no card") }

    /// Writes what a token has to tell beside its results.
    func notices(of token: any Token, in slot: Slot) {
        for line in token.takeNotices() { write("reader \"\(slot.readerName)\": \(line)") }
    }

    /// Writes what a token answered in place of a result.
    func error(_ error: TokenError, during what: StaticString, slot: Slot) {
        let reason =
            switch error {
            case .pinIncorrect(let left): "the PIN is wrong" + (left.map { ", \($0) tries left" } ?? "")
            case .pinBlocked: "the PIN is blocked; unblock it with the PUK or the resetting code: martlet pin unblock"
            case .pinLengthOutOfRange: "the PIN is too short or too long; no try was spent"
            case .pinMalformed: "the PIN is not UTF-8, or has characters that the card does not take; no try was spent"
            case .pinTooSimple: "the new PIN is too simple for this card, or too short; nothing was changed"
            case .pinMissing: "no PIN was given, and none can be typed on the reader"
            case .pinEntryEnded: "no PIN was typed on the reader, or the person there cancelled; no try was spent"
            case .newPINsDiffer: "the new PIN was typed differently the second time; nothing was changed"
            case .notLoggedIn: "the card wants the PIN first"
            case .keptPINRefused(let left):
                "the PIN of the login is forgotten: the card refused it, or had no try to spare for it"
                    + (left.map { ", \($0) tries left" } ?? "")
            case .useNotAuthenticated: "the key wants the PIN for each use (CKU_CONTEXT_SPECIFIC)"
            case .administratorNeeded: "the card lets only its administrator write (CKU_SO)"
            case .readOnly: "the object cannot be changed on this card"
            case .removed: "the card or the reader was removed"
            case .notRecognised: "the card has no application that this module knows"
            case .unresponsive: "the card does not answer: it is put in upside down, without power, or broken"
            case .heldByAnother: "another program uses the card exclusively"
            case .serviceUnavailable: "the smart card service (pcscd) does not run"
            case .userActionMissing: "the touch did not come in time"
            case .objectNotFound: "the card has no such object"
            case .unsupported: "the card or the key cannot do this"
            case .dataInvalid: "the card refused the data"
            case .certificateOfAnotherKey: "the certificate is of another key than the one in its place"
            case .algorithmNotSupported: "the card has no keys of this algorithm, or not in this place"
            case .memoryFull: "the card's memory is full"
            case .failed(let text): text
            }
        write("\(what), reader \"\(slot.readerName)\": \(reason)")
    }
}

import Token

extension CommandFailure {
    /// What a person is told where a token did not do what was asked.
    ///
    /// - Parameter application: the token's, where it is known: hints differ.
    init(_ error: TokenError, during what: String, _ application: CardApplication?) {
        let unblock = "unblock it: martlet pin unblock"
        switch error {
        case .pinIncorrect(let left?):
            self.init(
                "the PIN is wrong: \(left == 1 ? "one try is" : "\(left) tries are") left",
                hint: "after the last try it is blocked", .refused)
        case .pinIncorrect(nil):
            self.init("the PIN is wrong", hint: "martlet pin tries shows how many tries are left", .refused)
        case .pinBlocked: self.init("the PIN is blocked", hint: unblock, .refused)
        case .pinLengthOutOfRange:
            self.init(
                "the PIN is too short or too long; no try was spent", hint: "martlet info shows its lengths", .refused)
        case .pinMalformed:
            self.init(
                "the PIN has characters that the card does not take; no try was spent",
                hint: application == .piv ? "a PIV card's PIN has digits" : "type it again", .refused)
        case .pinTooSimple:
            self.init(
                "the new PIN is too simple for this card, or too short; nothing was changed",
                hint: "choose a longer one: no row of digits, no one character again and again", .refused)
        case .pinMissing: self.init("\(what): no PIN was given", hint: "give it when it is asked for", .refused)
        case .pinEntryEnded:
            self.init("no PIN was typed on the reader", hint: "try again, and confirm with the reader's key", .refused)
        case .newPINsDiffer:
            self.init(
                "the two new PINs are not the same; nothing was changed", hint: "type the same PIN twice", .data)
        case .notLoggedIn, .useNotAuthenticated:
            self.init("\(what): the card wants the PIN first", hint: "give it when it is asked for", .refused)
        case .keptPINRefused:
            self.init("the card did not take the PIN a second time", hint: "somebody may have changed it", .refused)
        case .administratorNeeded:
            self.init(
                "\(what): only the card's administrator may do this",
                hint: "give the \(application?.administratorSecret ?? "administrator's secret")", .refused)
        case .readOnly: self.init("\(what): the card lets nobody do this", hint: "choose another key")
        case .removed:
            self.init("\(what): the card was pulled out", hint: "put it back, and try again", .unavailable)
        case .notRecognised:
            self.init(
                "\(what): it is neither a PIV nor an OpenPGP card", hint: "put another card into the reader",
                .unavailable)
        case .unresponsive:
            self.init("\(what): the card does not answer", hint: "put it in the right way up", .unavailable)
        case .heldByAnother:
            self.init(
                "\(what): another program has the card for itself", hint: "martlet doctor names it where it can",
                .unavailable)
        case .serviceUnavailable:
            self.init("\(what): pcscd does not answer", hint: "martlet doctor tells why", .unavailable)
        case .userActionMissing:
            self.init("\(what): nobody touched the key in time", hint: "touch it while it blinks", .refused)
        case .objectNotFound:
            self.init("\(what): the card has no such object", hint: "martlet list shows what is there")
        case .unsupported: self.init("\(what): the card or the key cannot do this", hint: "martlet list shows the keys")
        case .dataInvalid: self.init("\(what): the card refused the data", hint: "look at what was given", .data)
        case .certificateOfAnotherKey:
            self.init("\(what): the certificate is for another key", hint: "name the key that it is for", .data)
        case .algorithmNotSupported:
            self.init(
                "\(what): the card has no such keys there", hint: "choose another algorithm, or another key", .usage)
        case .memoryFull: self.init("\(what): the card's memory is full", hint: "delete what is not needed")
        case .failed(let text): self.init("\(what): \(text)", hint: "martlet trace shows what was said to the card")
        }
    }

    /// What a person is told where the card refused a secret that is not the user's PIN.
    init(_ error: TokenError, ofSecret name: String, _ application: CardApplication) {
        switch error {
        case .pinIncorrect(let left):
            self.init(
                "the \(name) is wrong" + (left.map { $0 == 1 ? ": one try is left" : ": \($0) tries are left" } ?? ""),
                hint: application == .piv && left == nil
                    ? "a new card has 0102030405060708, three times" : "after the last try it is blocked", .refused)
        case .pinBlocked:
            self.init("the \(name) is blocked", hint: "only a reset helps: martlet reset", .refused)
        case .pinLengthOutOfRange:
            self.init("a PIN, code or key is too short or too long; no try was spent", hint: "type it again", .refused)
        case .pinMalformed:
            self.init(
                "a PIN, code or key has characters that the card does not take; no try was spent",
                hint: application == .piv ? "PINs have digits, management keys hexadecimal digits" : "type it again",
                .refused)
        case .pinTooSimple, .notLoggedIn, .keptPINRefused, .useNotAuthenticated, .administratorNeeded, .readOnly,
            .removed,
            .pinMissing, .pinEntryEnded, .newPINsDiffer, .notRecognised, .unresponsive, .heldByAnother,
            .serviceUnavailable, .userActionMissing, .objectNotFound,
            .unsupported, .dataInvalid, .certificateOfAnotherKey, .algorithmNotSupported, .memoryFull, .failed:
            self.init(error, during: "giving the \(name)", application)
        }
    }
}

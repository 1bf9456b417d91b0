import Token

/// A PIN that a person gives: on the terminal, or on the reader's own keys, where no program sees it.
enum PersonalPIN {
    case typed(TypedPIN)
    /// What to tell the person, such as "PIN of PIV 12345678".
    case onReader(any TokenPINPad, name: String)

    /// Gives the PIN to the card, in one of two ways. Where the reader turns out to have no keys after all, it is typed on the
    /// terminal: nothing was sent to the card.
    func give<R>(
        during what: String, _ typed: (RawSpan) throws(TokenError) -> R,
        onReader: (any TokenPINPad) throws(TokenError) -> R, failing: (TokenError, String) -> CommandFailure
    ) throws(CommandFailure) -> R {
        var given = self
        while true {
            let outcome = Result { () throws(TokenError) in
                try Progress.during(what) { () throws(TokenError) in try given.giveOnce(typed, onReader: onReader) }
            }
            switch outcome {
            case .success(let result): return result
            case .failure(.pinMissing):
                guard case .onReader(_, let name) = given else { throw failing(.pinMissing, what) }
                PINPrompt.tell(Self.padRefuses)
                given = .typed(try PINPrompt.require(name + ":", what: "PIN"))
            case .failure(let error): throw failing(error, what)
            }
        }
    }

    private static let padRefuses =
        "The reader takes nothing on its keys; 'pin-pad = off' in the settings says so for good."

    /// Has secrets typed on the reader's keys.
    ///
    /// - Returns: false where the reader turns out to have no keys after all: nothing was sent to the card.
    static func typing(
        during what: String, _ body: () throws(TokenError) -> Void, failing: (TokenError, String) -> CommandFailure
    ) throws(CommandFailure) -> Bool {
        switch Result(catching: { () throws(TokenError) in try Progress.during(what, body) }) {
        case .success: return true
        case .failure(.pinMissing):
            PINPrompt.tell(padRefuses)
            return false
        case .failure(let error): throw failing(error, what)
        }
    }

    private func giveOnce<R>(
        _ typed: (RawSpan) throws(TokenError) -> R, onReader: (any TokenPINPad) throws(TokenError) -> R
    ) throws(TokenError) -> R {
        switch self {
        case .typed(let pin): return try pin.withBytes(typed)
        case .onReader(let pad, let name):
            PINPrompt.tell("Type the \(name) on the reader.")
            return try onReader(pad)
        }
    }
}

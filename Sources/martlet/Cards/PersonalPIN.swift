import Token

/// A PIN that a person gives: on the terminal, or on the reader's own keys, where no program sees it.
enum PersonalPIN {
    case typed(TypedPIN)
    /// What to tell the person, such as "PIN of PIV 12345678".
    case onReader(any TokenPINPad, name: String)

    /// Gives the PIN to the card, in one of two ways.
    func give<R>(
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

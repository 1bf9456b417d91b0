import Token

/// What a caller gives as a PIN.
enum PINText {
    /// Throws unless the bytes could be a PIN.
    static func check(_ pin: RawSpan) throws(TokenError) {
        // No card has longer PINs, and a caller's wrong length is not to be read through.
        guard pin.byteCount <= 255 else { throw .pinLengthOutOfRange }
        // Validated byte by byte, so that no String holds a copy of the PIN.
        let isText = pin.withUnsafeBytes { UTF8Check.isValid($0) }
        guard isText else { throw .pinMalformed }
    }

    /// Whether a caller gives no PIN.
    static func isLeftOut(_ pin: RawSpan?) -> Bool {
        guard let pin else { return true }
        return pin.byteCount == 0
    }

    /// The reader's keys, where there are some and the caller gives no PIN: NULL, or an empty one, as programs give it that
    /// ask a person who then types nothing.
    static func pad(of token: any Token, inPlaceOf pin: RawSpan?) throws(TokenError) -> (any TokenPINPad)? {
        isLeftOut(pin) ? try token.pinPad() : nil
    }
}

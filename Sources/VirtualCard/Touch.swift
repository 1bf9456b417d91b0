/// What the finger does when a key whose policy asks for a touch is used.
public enum Touch: Hashable, Sendable {
    /// It is there at once.
    case immediate
    /// It comes after so many milliseconds, during which the card does not answer.
    case delayed(milliseconds: UInt32)
    /// It does not come. A YubiKey answers 6982 then (Yubico's PIV manual, "Authenticate: sign").
    case denied(status: UInt16)
}

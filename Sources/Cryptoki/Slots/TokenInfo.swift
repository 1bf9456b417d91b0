import CPKCS11
import Token

/// CK_TOKEN_INFO.
public struct TokenInfo: Hashable, Sendable {
    /// Label, manufacturer, model, serial number, PIN lengths, versions.
    public let information: TokenInformation
    /// ulMinPinLen and ulMaxPinLen: what any PIN may have, the user's or the SO's. A program that holds the SO to the user's
    /// lengths could not log in; a user's PIN that is too long is refused without a try.
    public let pinLengths: ClosedRange<Int>
    /// CKF_…
    public let flags: UInt
    /// ulSessionCount: the sessions that this process has with the token.
    public let sessionCount: UInt
    /// ulRwSessionCount.
    public let readWriteSessionCount: UInt

    /// - Parameters:
    ///   - isInUse: false for an application without keys beside another one on the same card. It is shown as not
    ///     initialised, which is what its owner would say of it: ssh-add then leaves it alone and sends it no PIN.
    ///   - hasPINPad: whether the PIN can be typed on the reader: programs then ask nobody for it.
    init(
        _ information: TokenInformation, pin: PINStatus, isInUse: Bool, hasPINPad: Bool, sessions: Int,
        readWriteSessions: Int
    ) {
        self.information = information
        let (user, officer) = (information.pinLengths, information.administratorSecretLengths)
        pinLengths = min(user.lowerBound, officer.lowerBound)...max(user.upperBound, officer.upperBound)
        sessionCount = UInt(sessions)
        readWriteSessionCount = UInt(readWriteSessions)
        let flags = CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_RNG | CKF_DUAL_CRYPTO_OPERATIONS
        self.flags =
            flags | (isInUse ? CKF_TOKEN_INITIALIZED : 0) | (hasPINPad ? CKF_PROTECTED_AUTHENTICATION_PATH : 0)
            | Self.flags(of: pin)
    }

    /// "An incorrect user login PIN has been entered at least once since the last successful authentication" is what
    /// CKF_USER_PIN_COUNT_LOW means. Where the card does not tell how many tries there are in all, it is a guess: that
    /// there are three, as most cards are delivered with.
    private static func flags(of pin: PINStatus) -> UInt {
        guard let left = pin.retriesLeft else { return 0 }
        guard left > 0 else { return CKF_USER_PIN_LOCKED }
        let isLow = left < pin.retriesInAll ?? 3
        return (isLow ? CKF_USER_PIN_COUNT_LOW : 0) | (left == 1 ? CKF_USER_PIN_FINAL_TRY : 0)
    }
}

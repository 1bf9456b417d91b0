import ISO7816
import Token

extension TokenError {
    /// What a failure between the host and the card means to the user.
    ///
    /// - Parameter description: what was done, and what came of it, for failures that tell no more than that.
    public init(_ channel: ChannelError, _ description: String) {
        switch channel {
        case .removed, .readerUnavailable: self = .removed
        case .serviceUnavailable: self = .serviceUnavailable
        case .heldByAnother: self = .heldByAnother
        case .unresponsive: self = .unresponsive
        case .pinEntryEnded: self = .pinEntryEnded
        case .newPINsDiffer: self = .newPINsDiffer
        case .pinEntryLength: self = .pinLengthOutOfRange
        // The reader's keys are no good, and the PIN is asked for as without them.
        case .pinEntryRefused: self = .pinMissing
        case .transmissionFailed, .malformedAnswer, .answerTooLong, .serviceError:
            self = .failed(description)
        }
    }

    /// What a status word means, whatever the command and the application (ISO 7816-4, section 5.6).
    public init(_ status: StatusWord, _ description: String) {
        switch status {
        case .authenticationMethodBlocked: self = .pinBlocked
        case .securityStatusNotSatisfied: self = .notLoggedIn
        case .incorrectData, .wrongLength: self = .dataInvalid
        case .notFound, .referenceNotFound: self = .objectNotFound
        case .notEnoughMemory, .memoryFailure: self = .memoryFull
        case .functionNotSupported, .incorrectParameters, .wrongParameters, .instructionNotSupported,
            .classNotSupported:
            self = .unsupported
        default: self = .failed(description)
        }
    }
}

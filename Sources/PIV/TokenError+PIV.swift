import CardErrors
import ISO7816
import Token

extension TokenError {
    /// What a failed PIV command means to the user. `PIVCard` names the commands.
    init(_ error: CardError) {
        switch error.cause {
        case .channel(let channel): self.init(channel, error.description)
        case .malformed: self = .failed(error.description)
        case .status(let status): self.init(status, error)
        }
    }

    private init(_ status: StatusWord, _ error: CardError) {
        switch error.command {
        case PIVCard.keptPINName:
            self = .keptPINRefused(retriesLeft: status == .authenticationMethodBlocked ? 0 : status.pinTriesLeft)
        case PIVCard.verifyName where status.rawValue >> 8 == 0x63:
            let left = status.pinTriesLeft
            self = left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left)
        case PIVCard.verifyName where status == .incorrectData || status == .wrongLength:
            // SP 800-73-5 part 2, section 3.2.1: a PIN of another form is refused and not compared.
            self = .pinMalformed
        case PIVCard.verifyName where status != .authenticationMethodBlocked:
            // Such as 6A81 to a contactless reader: what it means for other commands, it does not mean here.
            self = .failed(error.description)
        case PIVCard.witnessName where PIVToken.refusesCipher(status):
            self = .pinIncorrect(retriesLeft: nil)
        case PIVCard.witnessName where status == .securityStatusNotSatisfied || status.meansNotThere:
            // Not over this reader, or a card without such a key.
            self = .unsupported
        case PIVCard.managementKeyName where status.rawValue >> 8 == 0x63 || Self.wrongWitness.contains(status):
            self = .pinIncorrect(retriesLeft: status.pinTriesLeft)
        case let name where Self.administratorCommands.contains(name) && status == .securityStatusNotSatisfied:
            self = .administratorNeeded
        case PIVCard.changeReferenceDataName, PIVCard.resetRetryCounterName: self.init(replacing: status, error)
        case PIVCard.generateName where status == .incorrectData || status == .incorrectParameters,
            PIVCard.importName where status == .incorrectParameters:
            self = .algorithmNotSupported
        case PIVCard.attestName where status == .incorrectData || status == .incorrectParameters:
            // A key that was brought to the card, or none.
            self = .unsupported
        case PIVCard.putDataName where status.meansNotThere: self = .unsupported
        case let name where Self.touchCommands.contains(name) && status == .conditionsOfUseNotSatisfied:
            self = .userActionMissing
        default: self.init(status, error.description)
        }
    }

    /// The commands that only the administrator may give.
    private static let administratorCommands = [
        PIVCard.putDataName, PIVCard.generateName, PIVCard.importName, PIVCard.moveName, PIVCard.setManagementKeyName,
    ]

    /// What the card makes of a PIN or PUK and the value that is to follow. A new value of another form is 6A80, or on a
    /// YubiKey 6985 (Yubico, PIV "Change reference data").
    private init(replacing status: StatusWord, _ error: CardError) {
        switch status {
        case .authenticationMethodBlocked: self = .pinBlocked
        case .incorrectData, .wrongLength, .conditionsOfUseNotSatisfied: self = .pinMalformed
        case .referenceNotFound, .instructionNotSupported, .functionNotSupported: self = .unsupported
        case _ where status.rawValue >> 8 == 0x63:
            let left = status.pinTriesLeft
            self = left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left)
        default: self = .failed(error.description)
        }
    }

    /// What cards answer to a witness that is not theirs: 6982 as YubiKeys do, or that the data are wrong.
    private static let wrongWitness: [StatusWord] = [.securityStatusNotSatisfied, .incorrectData]

    /// The commands for which a key may ask for a touch.
    private static let touchCommands = [
        PIVCard.generalAuthenticateName, PIVCard.witnessName, PIVCard.managementKeyName,
    ]
}

extension StatusWord {
    /// Whether the card has no such object, or no such key.
    var meansNotThere: Bool { self == .notFound || self == .referenceNotFound }
}

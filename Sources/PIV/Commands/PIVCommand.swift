import CardApplication
import ISO7816
import Token

/// A PIV command that did not do what was asked.
public typealias CardError = CommandError<PIVCommand>

/// The commands of the PIV card application, and Yubico's.
public enum PIVCommand: String, CommandName {
    case select = "SELECT PIV"
    case getData = "GET DATA"
    case putData = "PUT DATA"
    case verify = "VERIFY"
    /// VERIFY without data, which asks.
    case verifyStatus = "VERIFY (status)"
    /// VERIFY with P1 = FF, which takes the verified state back.
    case verifyReset = "VERIFY (reset)"
    case changeReferenceData = "CHANGE REFERENCE DATA"
    case resetRetryCounter = "RESET RETRY COUNTER"
    /// GENERAL AUTHENTICATE with a key pair.
    case generalAuthenticate = "GENERAL AUTHENTICATE"
    /// The first step of the administrator's authentication.
    case requestWitness = "GENERAL AUTHENTICATE (witness)"
    /// Its second step.
    case answerWitness = "GENERAL AUTHENTICATE (management key)"
    case generateKeyPair = "GENERATE ASYMMETRIC KEY PAIR"
    case importKey = "IMPORT ASYMMETRIC KEY"
    case moveKey = "MOVE KEY"
    case attest = "ATTEST"
    case getSerial = "GET SERIAL"
    case getMetadata = "GET METADATA"
    case getVersion = "GET VERSION"
    case reset = "RESET"
    case setManagementKey = "SET MANAGEMENT KEY"

    /// See `CommandName`.
    public func meaning(of status: StatusWord) -> TokenError? {
        switch self {
        case .verify: verifying(status)
        case .changeReferenceData, .resetRetryCounter: replacing(status)
        case .requestWitness: requestingWitness(status)
        case .answerWitness:
            switch status {
            // What cards answer to a witness that is not theirs: 6982 as YubiKeys do, or that the data are wrong.
            case .securityStatusNotSatisfied, .incorrectData: .pinIncorrect(retriesLeft: nil)
            case .conditionsOfUseNotSatisfied: .userActionMissing
            default: status.isFailedComparison ? .pinIncorrect(retriesLeft: status.pinTriesLeft) : nil
            }
        case .generateKeyPair:
            switch status {
            case .incorrectData, .incorrectParameters: .algorithmNotSupported
            default: administering(status)
            }
        case .importKey: status == .incorrectParameters ? .algorithmNotSupported : administering(status)
        // A key that was imported, or none.
        case .attest: [.incorrectData, .incorrectParameters].contains(status) ? .unsupported : nil
        case .putData: status.meansNotThere ? .unsupported : administering(status)
        case .moveKey, .setManagementKey: administering(status)
        // Whether 6985 means a touch that did not come depends on the key.
        case .generalAuthenticate, .select, .getData, .verifyStatus, .verifyReset, .getSerial, .getMetadata,
            .getVersion, .reset:
            nil
        }
    }

    /// Of a PIN that was just given.
    private func verifying(_ status: StatusWord) -> TokenError? {
        switch status {
        case .authenticationMethodBlocked: .pinBlocked
        // SP 800-73-5 part 2, section 3.2.1: a PIN of another form is refused and not compared.
        case .incorrectData, .wrongLength: .pinMalformed
        case _ where status.refusesAnyPIN || status == .securityStatusNotSatisfied: notOverThisReader(status)
        // What it means for other commands, it does not mean here.
        default: comparing(status) ?? failure(status)
        }
    }

    /// Of a PIN or PUK and the value that is to follow. A new value of another form is 6A80, or on a YubiKey 6985 (Yubico,
    /// PIV "Change reference data").
    private func replacing(_ status: StatusWord) -> TokenError? {
        switch status {
        case .authenticationMethodBlocked: .pinBlocked
        case .incorrectData, .wrongLength: .pinMalformed
        case .conditionsOfUseNotSatisfied: .pinTooSimple
        case .referenceNotFound, .instructionNotSupported, .functionNotSupported: .unsupported
        default: comparing(status) ?? failure(status)
        }
    }

    private func comparing(_ status: StatusWord) -> TokenError? {
        guard status.isFailedComparison else { return nil }
        let left = status.pinTriesLeft
        return left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left)
    }

    private func requestingWitness(_ status: StatusWord) -> TokenError? {
        switch status {
        case _ where status.refusesCipher: .pinIncorrect(retriesLeft: nil)
        // Not over this reader, or a card without such a key.
        case .securityStatusNotSatisfied, .notFound, .referenceNotFound: .unsupported
        case .conditionsOfUseNotSatisfied: .userActionMissing
        default: nil
        }
    }

    /// Of what only the administrator may do.
    private func administering(_ status: StatusWord) -> TokenError? {
        status == .securityStatusNotSatisfied ? .administratorNeeded : nil
    }
}

extension StatusWord {
    /// Whether the card has no such object, or no such key.
    var meansNotThere: Bool { self == .notFound || self == .referenceNotFound }

    /// Whether a PIN or a key was compared and is wrong: 63XX.
    fileprivate var isFailedComparison: Bool { rawValue >> 8 == 0x63 }

    /// Whether it says that the card's management key is of another cipher (SP 800-73-5 part 2, section 3.2.4).
    var refusesCipher: Bool {
        switch self {
        case .incorrectParameters, .incorrectData, .functionNotSupported, .wrongParameters: true
        default: false
        }
    }
}

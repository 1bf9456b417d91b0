import CardApplication
import ISO7816
import Token

/// An OpenPGP command that did not do what was asked.
public typealias CardError = CommandError<OpenPGPCommand>

/// The commands of the OpenPGP application, and Yubico's.
public enum OpenPGPCommand: String, CommandName {
    case select = "SELECT OpenPGP"
    case getData = "GET DATA"
    case putData = "PUT DATA"
    /// PUT DATA with a private key.
    case importKey = "PUT DATA (private key)"
    case selectData = "SELECT DATA"
    case getChallenge = "GET CHALLENGE"
    case getVersion = "GET VERSION"
    case verify = "VERIFY"
    /// VERIFY without data, which asks.
    case verifyStatus = "VERIFY (status)"
    /// VERIFY with P1 = FF, which takes the verified state back.
    case verifyReset = "VERIFY (reset)"
    case changeReferenceData = "CHANGE REFERENCE DATA"
    case resetRetryCounter = "RESET RETRY COUNTER"
    /// RESET RETRY COUNTER by PW3, which was verified before.
    case resetByAdministrator = "RESET RETRY COUNTER (administrator)"
    case computeDigitalSignature = "PSO: COMPUTE DIGITAL SIGNATURE"
    case internalAuthenticate = "INTERNAL AUTHENTICATE"
    case decipher = "PSO: DECIPHER"
    case encipher = "PSO: ENCIPHER"
    case manageSecurityEnvironment = "MANAGE SECURITY ENVIRONMENT"
    /// GENERATE ASYMMETRIC KEY PAIR, which reads public keys too.
    case generateKeyPair = "GENERATE ASYMMETRIC KEY PAIR"
    case attest = "GENERATE ATTESTATION"
    case terminate = "TERMINATE DF"
    case activate = "ACTIVATE FILE"

    /// Whether the card compares a password that was just given.
    var comparesPassword: Bool {
        switch self {
        case .verify, .changeReferenceData, .resetRetryCounter: true
        case .select, .getData, .putData, .importKey, .selectData, .getChallenge, .getVersion, .verifyStatus,
            .verifyReset,
            .resetByAdministrator, .computeDigitalSignature, .internalAuthenticate, .decipher, .encipher,
            .manageSecurityEnvironment, .generateKeyPair, .attest, .terminate, .activate:
            false
        }
    }

    /// See `CommandName`.
    public func meaning(of status: StatusWord) -> TokenError? {
        switch self {
        case .verify: comparing(status)
        case .changeReferenceData, .resetRetryCounter:
            // A new value that the card finds too simple (YubiKey 5.7 with PIN complexity; Yubico, "PIN complexity").
            status == .conditionsOfUseNotSatisfied ? .pinTooSimple : comparing(status)
        case .resetByAdministrator:
            status == .conditionsOfUseNotSatisfied ? .pinTooSimple : anywhere(status)
        case .attest:
            [.conditionsOfUseNotSatisfied, .confirmationMissing].contains(status)
                ? .userActionMissing : anywhere(status)
        case .computeDigitalSignature, .internalAuthenticate, .decipher:
            // Whether 6985 means a touch that did not come depends on the key.
            status == .confirmationMissing ? .userActionMissing : anywhere(status)
        case .select, .getData, .putData, .importKey, .selectData, .getChallenge, .getVersion, .verifyStatus,
            .verifyReset, .encipher, .manageSecurityEnvironment, .generateKeyPair, .terminate, .activate:
            anywhere(status)
        }
    }

    private func anywhere(_ status: StatusWord) -> TokenError? { status == .terminated ? .unsupported : nil }

    /// Of a password that somebody has just given (OpenPGP card 3.4.1, section 7.2.2: 63CX; before version 3.4, and on many
    /// cards still, 6982, which tells no tries).
    private func comparing(_ status: StatusWord) -> TokenError {
        if let left = status.triesLeft { return left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left) }
        switch status {
        case _ where status == .securityStatusNotSatisfied || status.rawValue >> 8 == 0x63:
            return .pinIncorrect(retriesLeft: nil)
        case .incorrectData, .wrongLength: return .pinMalformed
        case .authenticationMethodBlocked: return .pinBlocked
        case _ where status.refusesAnyPIN: return notOverThisReader(status)
        // What it means for other commands it does not mean here: no key is missing, and nobody has to touch anything.
        default: return failure(status)
        }
    }
}

extension CommandError<OpenPGPCommand> {
    /// Whether the card was to compare a password that was just given.
    var isOfPassword: Bool {
        switch self {
        case .answered(let command, _), .malformed(let command, _): command.comparesPassword
        case .channel(let command, _): command?.comparesPassword == true
        case .refused: false
        }
    }
}

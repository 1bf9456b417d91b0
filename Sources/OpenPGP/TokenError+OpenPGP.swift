import CardErrors
import ISO7816
import Token

extension TokenError {
    /// What a failed command means to the user. `OpenPGPCard` names the commands.
    init(_ error: CardError) {
        switch error.cause {
        case .channel(let channel): self.init(channel, error.description)
        case .malformed: self = .failed(error.description)
        case .status(let status): self.init(status, error)
        }
    }

    private init(_ status: StatusWord, _ error: CardError) {
        if error.command == OpenPGPCard.keptPasswordName {
            self = .keptPINRefused(retriesLeft: status == .authenticationMethodBlocked ? 0 : status.triesLeft)
            return
        }
        switch status {
        case .conditionsOfUseNotSatisfied where OpenPGPCard.keyUseNames.contains(error.command),
            .confirmationMissing where OpenPGPCard.keyUseNames.contains(error.command):
            self = .userActionMissing
        case .terminated: self = .unsupported
        default: self.init(status, error.description)
        }
    }

    /// What the card's answer to a password means that somebody has just typed, with the tries that the card tells of
    /// after it (OpenPGP card 3.4.1, section 7.2.2: 63CX; before version 3.4, and on many cards still, 6982).
    init(refusing error: CardError, _ triesLeft: Int?) {
        guard OpenPGPCard.passwordNames.contains(error.command), let status = error.status else {
            self.init(error)
            return
        }
        if let left = status.triesLeft {
            self = left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left)
        } else if status == .securityStatusNotSatisfied || status.rawValue >> 8 == 0x63 {
            self = triesLeft == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: triesLeft)
        } else if status == .incorrectData || status == .wrongLength {
            self = .pinMalformed
        } else if status == .authenticationMethodBlocked {
            self = .pinBlocked
        } else {
            // What it means for other commands it does not mean here: no key is missing, and nobody has to touch anything.
            self = .failed(error.description)
        }
    }
}

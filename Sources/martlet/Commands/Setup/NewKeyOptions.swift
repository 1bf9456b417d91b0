import ArgumentParser
import Token

/// What `generate` and `import` have in common: the place of the key, and what it is to be.
struct NewKeyOptions: ParsableArguments {
    @Option(help: "When the key wants the PIN: never, once or always. The default is the card's (YubiKey).")
    var pinPolicy: PINPolicyName?

    @Option(help: "When the key wants a touch: never, always or cached. The default is the card's (YubiKey).")
    var touchPolicy: TouchPolicyName?

    @Flag(help: "Take the place of a key that is there. That key is lost for good.")
    var replace = false

    var request: KeyRequest { KeyRequest(pin: pinPolicy?.policy, touch: touchPolicy?.policy) }

    /// Throws where a key is in the place and is not to be replaced.
    func checkPlace(_ key: KeyName, _ card: CardToken) throws(CommandFailure) {
        if !replace { try card.requireEmpty(key, hint: "to lose that one for good, add --replace") }
    }
}

extension CardToken {
    /// Throws where a key is in this place.
    func requireEmpty(_ key: KeyName, hint: String) throws(CommandFailure) {
        guard try !hasKey(key) else {
            throw CommandFailure("there is a key \(key.text) already", hint: hint, .usage)
        }
    }
}

/// When a PIN is wanted, as people name it.
enum PINPolicyName: String, CaseIterable, ExpressibleByArgument {
    case never
    case once
    case always

    var policy: KeyPolicy.PINPolicy {
        switch self {
        case .never: .never
        case .once: .once
        case .always: .always
        }
    }
}

/// When a touch is wanted, as people name it.
enum TouchPolicyName: String, CaseIterable, ExpressibleByArgument {
    case never
    case always
    case cached

    var policy: KeyPolicy.TouchPolicy {
        switch self {
        case .never: .never
        case .always: .always
        case .cached: .cached
        }
    }
}

import ArgumentParser
import Token

/// What `generate` and `import` have in common: the place of the key, and what it is to be.
struct NewKeyOptions: ParsableArguments {
    @Option(help: "When the key wants the PIN: never, once or always. The default is the card's (YubiKey).")
    var pinPolicy: KeyPolicy.PINPolicy?

    @Option(help: "When the key wants a touch: never, always or cached. The default is the card's (YubiKey).")
    var touchPolicy: KeyPolicy.TouchPolicy?

    @Flag(help: "Take the place of a key that is there. That key is lost for good.")
    var replace = false

    var request: KeyRequest { KeyRequest(pin: pinPolicy, touch: touchPolicy) }

    /// Throws where a key is in the place and is not to be replaced.
    func checkPlace(_ key: KeyName, _ card: CardToken) throws(CommandFailure) {
        if !replace { try card.requireEmpty(key, hint: "to lose that one for good, add --replace") }
    }
}

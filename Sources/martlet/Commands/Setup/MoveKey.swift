import ArgumentParser
import Token

/// Moves a key to another place.
struct MoveKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move a key and its certificate to an empty place (YubiKey, firmware 5.7).",
        discussion: "Example: martlet move 9d 82")

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The place to move it to.")
    var target: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    func validate() throws {
        guard key.application == target.application else {
            throw ValidationError("a key cannot be moved from \(key.application.rawValue) to another application")
        }
    }

    func run() throws {
        let card = try selection.token(key.application)
        _ = try card.key(key)
        try card.requireEmpty(target, hint: "choose an empty place")
        try card.loginAdministrator()
        try card.asking("moving the key \(key.text)") { () throws(TokenError) in
            try card.token.moveKey(from: key.privateKey, to: target.privateKey)
        }
        print("The key \(key.text) is \(target.text) now.")
    }
}

import ArgumentParser
import Token

/// Gives the user a new PIN in the place of one that is blocked or forgotten.
struct UnblockPIN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock",
        abstract: "Give a blocked or forgotten PIN a new value and all its tries.",
        discussion: """
            It takes the PUK on PIV. On OpenPGP it takes the reset code, or with --admin the admin PIN.

            Examples:
              martlet pin unblock
              martlet pin unblock --application openpgp --admin
            """)

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    @Flag(help: "Use the admin PIN of an OpenPGP card, which needs no reset code.")
    var admin = false

    func run() throws {
        let card = try selection.token()
        guard !admin || card.application == .openPGP else {
            throw CommandFailure("PIV has no admin PIN", hint: "leave --admin out: PIV takes the PUK", .usage)
        }
        if let pad = try card.pinPad(), try unblock(card, pad) {
            return print("The PIN is changed, and has all its tries.")
        }
        if admin {
            try card.loginAdministrator()
            let new = try PINPrompt.new("PIN")
            try card.asking("unblocking the PIN") { () throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in try card.token.initializePIN(to: new) }
            }
        } else {
            let code = try card.askForUnblockingCode()
            let new = try PINPrompt.new("PIN")
            try card.giving(card.application.unblockingCode) { () throws(TokenError) in
                try code.withBytes { (code) throws(TokenError) in
                    try new.withBytes { (new) throws(TokenError) in try card.token.unblockPIN(with: code, to: new) }
                }
            }
        }
        print("The PIN is changed, and has all its tries.")
    }

    /// The same on the reader's keys.
    ///
    /// - Returns: whether that was done: false where the reader has no keys after all.
    private func unblock(_ card: CardToken, _ pad: any TokenPINPad) throws(CommandFailure) -> Bool {
        if admin {
            try card.loginAdministrator()
            PINPrompt.tell("Type a new PIN twice on the reader.")
            return try PersonalPIN.typing(during: "unblocking the PIN") { () throws(TokenError) in
                try pad.initializePIN()
            } failing: {
                CommandFailure($0, during: $1, card.application)
            }
        }
        let name = card.application.unblockingCode
        PINPrompt.tell("Type the \(name) of \(try card.title()), and then a new PIN twice, on the reader.")
        return try PersonalPIN.typing(during: "giving the \(name)") { () throws(TokenError) in
            try pad.unblockPIN()
        } failing: { error, _ in
            CommandFailure(error, ofSecret: name, card.application)
        }
    }
}

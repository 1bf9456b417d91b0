import ArgumentParser
import Token

/// Changes what unblocks the PIN.
struct ChangeUnblockingCode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-code",
        abstract: "Change the code that unblocks the PIN: the PUK, or OpenPGP's reset code.",
        discussion: """
            PIV asks for the PUK of now, OpenPGP for the admin PIN.

            Example: martlet pin change-code
            """)

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        let card = try selection.token()
        let name = card.application.unblockingCode
        var old: TypedPIN?
        switch card.application {
        case .piv: old = try card.askForUnblockingCode()
        case .openPGP: try card.loginAdministrator()
        }
        let new = try PINPrompt.new(name)
        try card.giving(name) { () throws(TokenError) in
            try new.withBytes { (new) throws(TokenError) in
                guard let old else { return try card.token.changeUnblockingCode(from: nil, to: new) }
                try old.withBytes { (old) throws(TokenError) in
                    try card.token.changeUnblockingCode(from: old, to: new)
                }
            }
        }
        print("The \(name) is changed.")
    }
}

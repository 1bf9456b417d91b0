import ArgumentParser
import Token

/// The user's PIN.
struct PINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Change and unblock the PIN, and count its tries.",
        discussion: """
            PINs and codes are asked for on the terminal. The PUK of a new PIV card is 12345678, its PIN 123456; those of a \
            new OpenPGP card are 123456, and 12345678 for the admin PIN.

            Examples:
              martlet pin change
              martlet pin unblock --application openpgp
              martlet pin tries
            """,
        subcommands: [ChangePIN.self, UnblockPIN.self, ChangeUnblockingCode.self, PINTries.self])
}

/// Gives the user another PIN.
struct ChangePIN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change the PIN.",
        discussion: "Example: martlet pin change --serial 12345678")

    @OptionGroup var selection: ApplicationSelection

    func run() throws {
        let card = try selection.token()
        let old = try card.askForPIN()
        let new = try PINPrompt.new("PIN")
        try card.asking("changing the PIN") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in try card.token.changePIN(from: old, to: new) }
            }
        }
        print("The PIN is changed.")
    }
}

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

    @Flag(help: "Use the admin PIN of an OpenPGP card, which needs no reset code.")
    var admin = false

    func run() throws {
        let card = try selection.token()
        guard !admin || card.application == .openPGP else {
            throw CommandFailure("PIV has no admin PIN", hint: "leave --admin out: PIV takes the PUK", .usage)
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
}

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

/// Counts tries.
struct PINTries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tries",
        abstract: "Show how many tries the PINs have left.",
        discussion: "Example: martlet pin tries")

    @OptionGroup var selection: CardSelection

    func run() throws {
        let page = Page()
        page.table(
            ["Card", "PIN", "Code that unblocks it"],
            try selection.tokens().map { card in
                let code = try card.asking("asking for tries") { () throws(TokenError) in
                    try card.token.unblockingStatus()
                }
                return [
                    .init(try card.title()), try card.pinStatus().cell,
                    .init(card.application.unblockingCode + ": " + code.cell.text, code.cell.style),
                ]
            })
    }
}

extension CardToken {
    /// Asks for the code that unblocks the PIN. Fails where no try of it is left.
    func askForUnblockingCode() throws(CommandFailure) -> TypedPIN {
        let name = application.unblockingCode
        let left = try asking("asking for tries") { () throws(TokenError) in try token.unblockingStatus().retriesLeft }
        guard left != 0 else {
            throw CommandFailure(
                "the \(name) is blocked, or there is none",
                hint: application == .piv
                    ? "only a reset helps: martlet reset" : "use the admin PIN: martlet pin unblock --admin", .refused)
        }
        return try PINPrompt.require("\(name.capitalizedFirst) of \(try title()):", what: name)
    }
}

import ArgumentParser

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

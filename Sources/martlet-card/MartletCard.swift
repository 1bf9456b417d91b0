import ArgumentParser
import Version
import VirtualCard

/// The command line of the simulated card.
@main
struct MartletCard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-card",
        abstract: "A simulated PIV or OpenPGP card for pcscd's virtual reader (vpcd).",
        discussion: """
            It is for tests: its state file and its log hold keys, PINs and data in the clear.

            Profiles (--profile):
            \(CardProfile.all.map { "  \($0.name)\n      \($0.summary)" }.joined(separator: "\n"))

            A new card has the PIN 123456, the PUK 12345678 and the management key 0102030405060708, three times \
            (AES-192 on yubikey57 and its kind, else Triple DES). The global PIN of plain-piv-global is 654321. \
            OpenPGP has the PW1 123456 and the PW3 12345678.
            """,
        version: Version.text, subcommands: [Serve.self, Create.self, Replay.self, Quirks.self])
}

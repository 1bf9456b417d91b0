import ArgumentParser
import VirtualCard

/// What both subcommands say about the card.
struct CardOptions: ParsableArguments {
    @Option(help: "The file that holds the card's keys, data, PINs and their counters.")
    var state: String

    @Option(help: "The kind of card; a state file that exists tells its own.")
    var profile: String?

    @Option(help: "The serial number of a new card.")
    var serial: UInt32 = 12_345_678

    @Option(
        help: """
            The cipher of a new card's management key: 3des, aes128, aes192 or aes256. Tools older than AES in \
            Yubico's cards, such as Debian 12's yubico-piv-tool, want 3des.
            """)
    var managementKey: ManagementAlgorithm?

    /// A new card: as the options say, without keys of its own.
    func newCard(identified: Bool) throws -> CardBuilder {
        var builder = try CardBuilder(
            profile: namedProfile() ?? .yubiKey57, serialNumber: serial, identified: identified)
        if let managementKey { builder.state.setManagementKey(managementKey) }
        return builder
    }

    /// The profile that was named, or nil.
    func namedProfile() throws -> CardProfile? {
        guard let profile else { return nil }
        guard let found = CardProfile(named: profile) else {
            throw ValidationError(
                "no profile \(profile); there are \(CardProfile.all.map(\.name).joined(separator: ", "))")
        }
        return found
    }
}

extension ManagementAlgorithm: ExpressibleByArgument {
    /// The cipher that has this name on the command line.
    public init?(argument: String) {
        switch argument {
        case "3des": self = .tripleDES
        case "aes128": self = .aes128
        case "aes192": self = .aes192
        case "aes256": self = .aes256
        default: return nil
        }
    }
}

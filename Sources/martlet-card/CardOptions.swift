import ArgumentParser
import VirtualCard

/// What both subcommands say about the card.
struct CardOptions: ParsableArguments {
    @Option(help: "The file that holds the card's keys, data, PINs and their counters.")
    var state: String

    @Option(help: "The kind of card (a new card is a yubikey57); given to serve, it changes a card that exists.")
    var profile: String?

    @Option(help: "The serial number of a new card.")
    var serial: UInt32 = 12_345_678

    @Option(
        help: """
            The cipher of a new card's management key. Tools older than AES in Yubico's cards, such as Debian \
            12's yubico-piv-tool, want 3des.
            """)
    var managementKey: ManagementAlgorithm?

    @Option(help: "A quirk beside those of the profile (`martlet-card quirks` lists them); may be repeated.")
    var quirk: [Quirk] = []

    /// A new card: as the options say, without keys of its own.
    func newCard(identified: Bool) throws -> CardBuilder {
        var builder = try CardBuilder(
            profile: namedProfile() ?? .yubiKey57, serialNumber: serial, identified: identified, quirks: quirk)
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

extension Quirk: ExpressibleByArgument {
    /// The quirk of this name.
    public init?(argument: String) { self.init(named: argument) }
}

extension ManagementAlgorithm: ExpressibleByArgument {
    private static let names: KeyValuePairs<String, ManagementAlgorithm> = [
        "3des": .tripleDES, "aes128": .aes128, "aes192": .aes192, "aes256": .aes256,
    ]

    /// The names on the command line.
    public static var allValueStrings: [String] { names.map(\.key) }

    /// The cipher that has this name on the command line.
    public init?(argument: String) {
        guard let found = Self.names.first(where: { $0.key == argument }) else { return nil }
        self = found.value
    }
}

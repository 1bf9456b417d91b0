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

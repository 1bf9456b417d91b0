import ArgumentParser
import VirtualCard

/// Lists the quirks, and the profiles that have them.
struct Quirks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List how real cards differ from their specifications, as far as the simulator can.")

    func run() {
        for quirk in Quirk.all {
            print(quirk.name)
            print("    \(quirk.summary)")
            print("    known from: \(quirk.source)")
            let profiles = CardProfile.all.filter { $0.quirks.contains(quirk) }.map(\.name)
            if !profiles.isEmpty { print("    in: \(profiles.joined(separator: ", "))") }
        }
    }
}

import CPKCS11
import Cryptoki
import CLibrary
import Testing
import Token

@testable import VirtualCard

/// Every profile and every quirk of the simulated card, and what people do with a card: what must come out, and no try of a
/// PIN is lost. Each job has a process of its own, which has seen nothing of the card.
///
/// `swift test` does a profile's listing, login and signature, and with each quirk the jobs that it bends. All jobs with
/// everything: `MARTLET_CARDS=all swift test --filter CardTableTests`, which prints a summary.
@Suite("Every card and every quirk") struct CardTableTests {
    static let isWhole = getenv("MARTLET_CARDS").map { String(cString: $0) } == "all"

    @Test("Each profile", arguments: CardProfile.all) func profile(_ profile: CardProfile) throws {
        try judge(CardRow(profile: profile, quirk: nil), Self.isWhole ? CardJob.allCases : [.list, .logIn, .sign])
    }

    @Test("Each quirk, with the jobs that it bends", arguments: Quirk.all) func quirk(_ quirk: Quirk) throws {
        for profile in CardRow.hosts(of: quirk) {
            try judge(
                CardRow(profile: profile, quirk: quirk), Self.isWhole ? CardJob.allCases : CardRow.jobs(of: quirk))
        }
    }

    private func judge(_ row: CardRow, _ jobs: [CardJob]) throws {
        var results: [String] = []
        for job in jobs {
            let (outcome, lost) = try row.outcome(of: job)
            let expected = row.expected(job)
            #expect(outcome == expected, "\(row): \(job)")
            #expect(lost == 0, "\(row): \(job) has cost tries")
            results.append("\(job) \(outcome)")
        }
        if Self.isWhole { print("| \(row) | \(results.joined(separator: ", ")) |") }
    }
}

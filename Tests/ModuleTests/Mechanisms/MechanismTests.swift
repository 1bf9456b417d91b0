import Foundation
import TestSupport
import Testing

/// What each client does with each key of the cards, and the table `mechanisms.md` that tells of it.
@Suite struct MechanismTests {
    @Test("A client uses a card's keys", arguments: mechanismClients, TestedCard.all)
    func uses(_ client: any MechanismClient, _ card: TestedCard) throws {
        if let missing = client.missing { try Test.cancel(Comment(rawValue: missing)) }
        if client.uses(of: card).isEmpty { try Test.cancel("\(client.name) knows none of these keys") }
        let bench = try Workbench(card)
        let jobs = try client.uses(of: card).map(bench.prepare)
        let complaints = try client.carryOut(jobs, at: bench).filter { !$0.succeeded }
        #expect(complaints.map(\.description) == [])
        for job in jobs { #expect(try client.accepts(job, at: bench), "\(job.use)") }
    }

    /// The table in the repository tells what the test above does, no more and no less. The variable
    /// MARTLET_WRITE_TABLE lets it be written anew.
    @Test func theTableIsTrue() throws {
        let table = MechanismTable(clients: mechanismClients, cards: TestedCard.all).text
        if Tool.inheritedEnvironment["MARTLET_WRITE_TABLE"] != nil {
            try table.write(toFile: MechanismTable.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: MechanismTable.file, encoding: .utf8) == table)
    }
}

import Foundation
import TestSupport
import Testing

/// What `martlet config` prints, where a card is and where none is. That the lines work, ModuleTests shows.
@Suite struct ConfigCommandTests {
    private struct Report: Decodable {
        struct Topic: Decodable {
            let topic: String
            let summary: String
            let comments: [String]
            let lines: [String]
        }

        let topics: [Topic]
    }

    private func topics(_ martlet: MartletCommand, _ arguments: String...) throws -> [Report.Topic] {
        let answer = try martlet.run(["config", "--json"] + arguments).checked()
        return try JSONDecoder().decode(Report.self, from: Data(answer.output)).topics
    }

    @Test("Without a topic all programs are listed, each with what it is") func index() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: SimulatedCard.fourKeys))
        let index = try martlet.run("config").checked().lines
        let all = try topics(martlet)
        #expect(all.count > 30)
        for topic in all {
            #expect(
                index.contains { $0.hasPrefix("  \(topic.topic) ") && $0.contains(topic.summary) }, "\(topic.topic)")
        }
        #expect(index.contains { $0.hasPrefix("  settings ") })
        let page = try String(contentsOfFile: PackageRoot.catalogue + "/Clients.md", encoding: .utf8)
        for topic in all { #expect(page.contains("`\(topic.topic)`"), "Clients.md does not tell of \(topic.topic)") }
    }

    @Test("With a card nothing is left to fill in, and URIs name token and key") func card() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: SimulatedCard.fourKeys))
        let serial = try #require(martlet.json("list").readers.first?.tokens.first?.serialNumber)
        for topic in try topics(martlet) {
            let left = topic.lines.filter { $0.contains("YOUR-") && !$0.contains("YOUR-DEVICE") }
            #expect(left.isEmpty, "\(topic.topic): \(left)")
            #expect(!topic.comments.contains { $0.contains("EXAMPLE") }, "\(topic.topic)")
            for uri in topic.lines.flatMap({ $0.matches(of: /pkcs11:[a-z]+=[^'"? ]*/).map(\.output) }) {
                #expect(uri.contains("token=Martlet%209a;serial=\(serial)"), "\(topic.topic): \(uri)")
                #expect(uri.contains("id=%0") || topic.topic == "p11-kit-server", "\(topic.topic): \(uri)")
            }
        }
        let curl = try martlet.run("config", "curl", "--key", "9e").checked().text
        #expect(curl.contains("id=%04;type=private"), "\(curl)")
        // A key that wants its PIN for each use: said, and set.
        let agent = try martlet.run("config", "ssh-agent", "--key", "9c").checked().text
        #expect(agent.contains("export MARTLET_EACH_USE=login\n"), "\(agent)")
        #expect(try !martlet.run("config", "ssh-agent").checked().text.contains("EACH_USE=login"))
    }

    @Test("A key or a card that is not there is an error, not an example") func notThere() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        for (arguments, error) in [
            (["--key", "9c"], "there is no key 9C on the card"), (["--key", "sig"], "there is no key SIG on the card"),
            (["--serial", "77"], "none has the serial number 77"), (["--reader", "none"], "no readers with 'none'"),
        ] {
            let answer = try martlet.run(["config", "curl"] + arguments)
            #expect(!answer.succeeded && answer.output == [] && answer.errorText.contains(error), "\(answer)")
        }
        let near = try martlet.run("config", "ngnix")
        #expect(near.errorText.hasSuffix("martlet: hint: did you mean 'martlet config nginx'?\n"), "\(near)")
    }

    @Test("Without a card, and on one without keys, words stand for what is missing") func example() throws {
        for card in [nil, SimulatedCard(keys: [])] {
            let reader = try CardReader("Reader", card: card?.program())
            let martlet = try MartletCommand(CardWorld(readers: [reader]))
            for topic in try topics(martlet) where topic.lines.contains(where: { $0.contains("YOUR-") }) {
                #expect(topic.comments.contains { $0.hasPrefix("EXAMPLE ONLY (") }, "\(topic)")
            }
            let curl = try martlet.run("config", "curl").checked().text
            #expect(curl.contains("pkcs11:token=YOUR-TOKEN;serial=YOUR-SERIAL;id=%YOUR-ID;type=private"), "\(curl)")
        }
    }

    @Test("Of two cards one must be named") func twoCards() throws {
        let first = SimulatedCard(keys: ["9a=p256"])
        let second = SimulatedCard(profile: "openpgp34", keys: ["aut=p256"])
        let martlet = try MartletCommand(
            CardWorld(readers: [
                CardReader("First", card: first.program()), CardReader("Second", card: second.program()),
            ]))
        let answer = try martlet.run("config", "curl")
        #expect(answer.ending == .exited(64) && answer.errorText.contains("more than one card"), "\(answer)")
        let chosen = try martlet.run("config", "curl", "--reader", "second").checked().text
        #expect(chosen.contains("id=%03;type=private"), "\(chosen)")
        #expect(try martlet.run("config", "ssh").succeeded)
    }
}

import TestSupport

/// Which client uses which keys by which mechanism, as a table in Markdown.
struct MechanismTable {
    static let file = PackageRoot.path + "/Tests/ModuleTests/Mechanisms/mechanisms.md"

    private struct Row: Hashable {
        let deed: KeyUse.Deed
        let mechanism: String
        let kind: String

        init(_ use: KeyUse) { (deed, mechanism, kind) = (use.deed, use.mechanism, use.key.kind) }

        var order: (String, String, String) { (deed.rawValue, mechanism, kind) }
    }

    let clients: [any MechanismClient]
    let cards: [TestedCard]

    var text: String {
        let head = """
            # Mechanisms, keys, clients

            Which program does what with which key of which card through the module. `MechanismTests` proves each entry
            with the real program, and writes this file:

            ```sh
            MARTLET_WRITE_TABLE=1 swift test --filter MechanismTests.theTableIsTrue
            ```

            | use | mechanism | key | \(clients.map(\.name).joined(separator: " | ")) |
            |---|---|---|\(String(repeating: "---|", count: clients.count))

            """
        let uses = cards.flatMap { card in card.keys.flatMap { KeyUse.all(of: $0, on: card) } }
        let rows = Set(uses.map(Row.init)).sorted { $0.order < $1.order }
        return head + rows.map(line).joined()
    }

    private func line(_ row: Row) -> String {
        let name = "CKM_" + row.mechanism.split(separator: "-").joined(separator: "_")
        let cells = clients.map { client in
            let applications = cards.filter { card in
                client.uses(of: card).contains { Row($0) == row }
            }.map(\.application)
            return Set(applications).sorted().joined(separator: ", ")
        }
        return "| \(row.deed) | `\(name)` | \(row.kind) | \(cells.joined(separator: " | ")) |\n"
    }
}

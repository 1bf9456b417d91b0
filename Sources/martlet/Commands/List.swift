import ArgumentParser

/// Shows what is in the readers.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show readers, cards, keys and certificates.",
        discussion: """
            No PIN is needed, and nothing is changed. Policies are those that the card tells, else those of the \
            specification.

            Examples:
              martlet list
              martlet list --json
              martlet list --reader yubikey --all
            """)

    @OptionGroup var selection: CardSelection

    @Flag(help: "Look for retired keys that no index tells of, too: it takes up to forty more commands.")
    var all = false

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        let inventory = try Inventory(selection) { (card) throws(CommandFailure) in
            try TokenReport(card, areAllSought: all)
        }
        if json { return try JSON.show(inventory) }
        guard !inventory.readers.isEmpty else {
            throw CommandFailure("there are no readers", hint: "martlet doctor tells more", .unavailable)
        }
        let page = Page()
        for reader in inventory.readers {
            page.heading(reader.name)
            if let problem = reader.problem { page.line(.init(problem, .bad)) }
            if reader.card == .absent { page.line(.init("no card", .faint)) }
            for token in reader.tokens { show(token, page) }
        }
    }

    private func certificate(_ key: KeyReport) -> Page.Cell {
        if key.certificateProblem != nil { return .init("unreadable", .bad) }
        return key.certificate.map { .init($0.subject) } ?? .init("none", .faint)
    }

    private func algorithm(_ key: KeyReport) -> Page.Cell {
        let name = key.algorithm ?? "unknown"
        return key.isWeak ? .init(name + ", weak (ROCA)", .bad) : .init(name)
    }

    private func show(_ token: TokenReport, _ page: Page) {
        let number = token.printedNumber.flatMap { $0 == token.serialNumber ? nil : $0 }
        let printed = number.map { " (\($0) is printed on it)" } ?? ""
        page.line(
            .init(token.application, .heading), .init("\(token.manufacturer) \(token.model),"),
            .init("serial number \(token.serialNumber)\(printed),"), "PIN tries", token.pinTries)
        for notice in token.notices { page.line(.init(notice, .bad)) }
        guard !token.keys.isEmpty else { return page.line(.init("no keys", .faint)) }
        page.table(
            ["Key", "Id", "Algorithm", "PIN", "Touch", "Certificate", "Expires"],
            token.keys.map { key in
                [
                    .init(key.key), .init(key.id), algorithm(key), .init(key.pinPolicy ?? ""),
                    .init(key.touchPolicy ?? ""), certificate(key),
                    key.certificate?.expiry ?? "",
                ]
            })
    }
}

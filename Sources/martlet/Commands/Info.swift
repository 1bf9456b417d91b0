import ArgumentParser

/// Shows all that a card tells without a PIN.
struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show all that a card, or one key on it, tells of itself.",
        discussion: """
            Of one key it also tells the pkcs11: URI that programs know it by, and the commands that use it.

            Examples:
              martlet info
              martlet info 9a
              martlet info --json --serial 12345678
            """)

    @Argument(help: .key)
    var key: KeyName?

    @OptionGroup var selection: CardSelection

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        if let key { return try show(key) }
        let inventory = try Inventory(selection) { (card) throws(CommandFailure) in
            try TokenReport(card, areAllSought: true, isWhole: true)
        }
        if json { return try JSON.show(inventory) }
        let page = Page()
        for reader in inventory.readers where reader.card != .absent {
            page.heading(reader.name)
            page.fields([("Answer to reset", .init(reader.answerToReset ?? ""))])
            if let problem = reader.problem { page.line(.init(problem, .bad)) }
            for token in reader.tokens { show(token, page) }
        }
        guard inventory.readers.contains(where: { $0.card != .absent }) else {
            throw CommandFailure("no card is in a reader", hint: "martlet doctor tells more", .unavailable)
        }
    }

    private func show(_ token: TokenReport, _ page: Page) {
        page.heading(token.application)
        page.fields([
            ("Label", .init(token.label)), ("Manufacturer", .init(token.manufacturer)), ("Model", .init(token.model)),
            ("Serial number", .init(token.serialNumber)),
            ("Number on the card", .init(token.printedNumber ?? "not told")),
            ("Firmware", .init(token.firmware ?? "not told")),
            ("PIN tries left", token.pinTries),
            ("PIN length", .init("\(token.shortestPIN) to \(token.longestPIN) bytes")),
            ("Data objects", .init(token.dataObjects.isEmpty ? "none" : token.dataObjects.joined(separator: ", "))),
        ])
        for notice in token.notices { page.line(.init(notice, .bad)) }
        for key in token.keys { show(key, page) }
    }

    private func show(_ name: KeyName) throws {
        let card = try selection.token(name.application)
        let content = try card.contents(areAllSought: true).first { $0.name == name }
        guard let content else {
            throw CommandFailure(
                "the card has neither key nor certificate \(name.text)",
                hint: "martlet list shows the keys that are there")
        }
        let details = try KeyDetails(card, content, module: try? Companions.module(named: nil))
        if json { return try JSON.show(details) }
        let page = Page()
        show(details.report, page)
        page.fields([
            ("Card", .init("\(try card.title()), in \(details.reader)")),
            ("Firmware", .init(details.firmware ?? "not told")),
        ])
        page.heading("URI")
        page.unbroken("  " + details.uri)
        page.heading("Commands")
        for command in details.commands { page.unbroken("  " + command) }
    }

    private func show(_ key: KeyReport, _ page: Page) {
        page.heading("\(key.key) \(key.label)")
        var fields: [(name: String, value: Page.Cell)] = [
            ("Id", .init(key.id)), ("Algorithm", .init(key.algorithm ?? "unknown")),
        ]
        if key.isWeak { fields.append(("Weak", .init("the YubiKey that made it makes weak RSA keys (ROCA)", .bad))) }
        if let pinPolicy = key.pinPolicy, let touchPolicy = key.touchPolicy, let origin = key.origin {
            fields += [
                ("Use", .init(key.usage.joined(separator: ", "))), ("PIN", .init(pinPolicy)),
                ("Touch", .init(touchPolicy)), ("Origin", .init(origin)),
            ]
        } else {
            fields.append(("Private key", .init("none that can be used", .faint)))
        }
        if let certificate = key.certificate {
            fields += [
                ("Subject", .init(certificate.subject)), ("Issuer", .init(certificate.issuer)),
                ("Certificate's number", .init(certificate.serialNumber)),
                ("Valid from", .init(certificate.notBefore ?? "no time")),
                ("Valid until", .init(certificate.notAfter ?? "no time", certificate.isExpired ? .bad : .plain)),
                ("SHA-256", .init(certificate.sha256)),
            ]
        } else if let problem = key.certificateProblem {
            fields.append(("Certificate", .init("unreadable: \(problem)", .bad)))
        } else {
            fields.append(("Certificate", .init("none", .faint)))
        }
        page.fields(fields)
    }
}

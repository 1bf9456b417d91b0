import CLibrary
import HostCrypto
import Token
import Wiring

/// Cards set up one after the other, each for a row of a list.
struct BadgeRun {
    private let rows: [BadgeRow]
    private let list: SealedList
    private let selection: CardSelection
    /// The cards that were set up in this run, by reader and stay in it: as long as one stays, nothing is said of it.
    private var used: Set<ReaderPresence> = []

    init(_ rows: [BadgeRow], _ list: SealedList, _ selection: CardSelection) throws(CommandFailure) {
        (self.rows, self.list, self.selection) = (rows, list, selection)
        for row in rows {
            guard let entry = list.entries.last(where: { $0.row == row.number }), entry.name != row.name else {
                continue
            }
            throw CommandFailure(
                "the record is of another list: its row \(row.number) is \(entry.name)",
                hint: "name another folder with --list", .data)
        }
    }

    mutating func run(isAsked: Bool) throws {
        let open = rows.filter { list.last(row: $0)?.state != .done }
        print("\(rows.count) rows, \(rows.count - open.count) of them done.")
        if isAsked, !open.isEmpty {
            guard
                try Question.isYes(
                    "PIN, PUK, management key and key of \(open.count) cards will be changed. Go on?", usually: false)
            else { return print("Nothing was changed.") }
        }
        for (index, row) in open.enumerated() {
            let (card, presence) = try cardFor(row)
            let began = CLibrary.time(nil)
            var setup = BadgeSetup(card, row, list)
            let serial = try setup.run()
            used.insert(presence)
            let left = open.count - index - 1
            print("\(rows.count - left)/\(rows.count) \(serial) \(row.name): done in \(CLibrary.time(nil) - began) s")
            fflush(nil)
        }
        print("All rows are done.")
    }

    /// Asks for a card until one can be the row's. One that cannot is told of, and left as it is.
    private func cardFor(_ row: BadgeRow) throws -> (CardToken, ReaderPresence) {
        let which = row.serial.map { "the card \($0)" } ?? "a new card"
        PINPrompt.tell("Row \(row.number) of \(rows.count), \(row.name): put in \(which).")
        let source = SystemTokens.ofCommandLine()
        // Each card is told of once.
        var told = used
        while true {
            let readers = source.readers()
            let meant = try selection.readers(of: source)
            for presence in meant where presence.insertion != nil && !told.contains(presence) {
                do throws(CommandFailure) {
                    if let card = try suitable(presence, row, source) { return (card, presence) }
                } catch {
                    CommandFailure("\(error.message); the card in \(presence.name) stays as it is", hint: error.hint)
                        .report()
                }
                told.insert(presence)
            }
            _ = source.waitForChange(since: readers)
        }
    }

    /// The card in a reader, where it can be the row's.
    private func suitable(
        _ presence: ReaderPresence, _ row: BadgeRow, _ source: SystemTokens
    ) throws(CommandFailure) -> CardToken? {
        let tokens = try selection.tokens(in: presence.name, source).meant
        guard let card = tokens.first(where: { $0.application == .piv }) else {
            throw CommandFailure("it is no PIV card", hint: "take it out, and put in another one")
        }
        let number = try card.number()
        let title = "\(card.application.rawValue) \(number)"
        guard !number.isEmpty else {
            throw CommandFailure("the card tells no serial number", hint: "set it up by itself: martlet setup")
        }
        let names = try SerialNumber(of: card)
        if let serial = row.serial, !names.matches(serial) {
            throw CommandFailure("\(title) is not the card \(serial)", hint: "take it out, and put in \(serial)")
        }
        let entry = list.last(serial: number)
        if let entry, entry.state == .done {
            throw CommandFailure(
                "\(title) had its turn: it is \(entry.name)'s (row \(entry.row))", hint: "put in another card")
        }
        if let entry, entry.row != row.number {
            throw CommandFailure("\(title) was begun for \(entry.name) (row \(entry.row))", hint: "put in another card")
        }
        if let other = rows.first(where: { other in
            other.number != row.number && other.serial.map(names.matches) ?? false
        }) {
            throw CommandFailure(
                "\(title) is named for \(other.name) (row \(other.number))", hint: "put in another card")
        }
        if entry == nil { try checkIsNew(card, title) }
        return card
    }

    private func checkIsNew(_ card: CardToken, _ title: String) throws(CommandFailure) {
        let content = try card.contents(areAllSought: true)
        guard content.allSatisfy({ $0.name.text == "F9" }) else {
            throw CommandFailure(
                "\(title) is in use: it has \(content.map(\.name.text).joined(separator: ", "))",
                hint: "put in a new card")
        }
        let factory = try card.asking("asking for the maker's secrets") { () throws(TokenError) in
            try card.token.factorySecrets()
        }
        guard let factory else {
            throw CommandFailure(
                "\(title) does not tell whether it is as the factory left it",
                hint: "set it up by itself: martlet setup")
        }
        guard factory.count == 3 else {
            throw CommandFailure(
                "\(title) is not as the factory left it: a PIN, PUK or key was changed", hint: "put in a new card")
        }
    }
}

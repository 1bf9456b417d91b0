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
        if isAsked, !open.isEmpty, try !isWanted(open.count) { return print("Nothing was changed.") }
        for (index, row) in open.enumerated() {
            let (card, presence) = try cardFor(row)
            let began = CLibrary.time(nil)
            var setup = BadgeSetup(card, row, list)
            let serial = try setup.run()
            used.insert(presence)
            let left = open.count - index - 1
            let seconds = CLibrary.time(nil) - began
            print("\(rows.count - left)/\(rows.count) \(serial) \(row.name.printable): done in \(seconds) s")
            fflush(nil)
        }
        print("All rows are done.")
    }

    private func isWanted(_ count: Int) throws -> Bool {
        guard Terminal() != nil else {
            throw CommandFailure(
                "nobody can be asked whether \(count) cards are to be changed: there is no terminal",
                hint: "to begin without a question, add --yes", .refused)
        }
        do {
            return try Question.isYes(
                "PIN, PUK, management key and key of \(count) cards will be changed. Go on?", usually: false)
        } catch is Question.Leaving {
            return false
        }
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
        do throws(CommandFailure) {
            try checkIsNew(card, title)
        } catch {
            guard let entry else { throw error }
            try checkIsLeft(card, title, row, entry)
        }
        return card
    }

    /// A card whose turn has begun: what was done to it meanwhile by hand is not undone, and not taken for this list's own.
    private func checkIsLeft(
        _ card: CardToken, _ title: String, _ row: BadgeRow, _ entry: SealedList.Entry
    ) throws(CommandFailure) {
        let anew = "where nothing on it is needed: martlet reset --application piv; it begins anew then"
        let content = try card.contents(areAllSought: true)
        let foreign = content.map(\.name.text).filter { $0 != "F9" && $0 != row.key.text }
        guard foreign.isEmpty else {
            throw CommandFailure("\(title) is in use: it has \(foreign.joined(separator: ", "))", hint: anew)
        }
        let key = content.first { $0.name == row.key }
        if let noted = entry.key {
            let ofCard = try card.hasKey(row.key) ? card.key(row.key).publicKey.sha256() : nil
            guard ofCard == noted else {
                throw CommandFailure("\(title) has not the key \(row.key.text) that this list had it make", hint: anew)
            }
        } else if let key {
            // The power may have gone between the key and its mark.
            guard key.publicKey?.type == row.algorithm.algorithm, key.policy?.origin == .generated,
                key.certificate == nil, key.certificateProblem == nil
            else { throw CommandFailure("\(title) has a key \(row.key.text) that this list did not make", hint: anew) }
        }
        try checkSecrets(of: card, title, entry, hint: anew)
    }

    /// What changes, changes in one order: management key, PUK, PIN. Another order is not this list's.
    private func checkSecrets(
        of card: CardToken, _ title: String, _ entry: SealedList.Entry, hint: String
    ) throws(CommandFailure) {
        let factory = try card.asking("asking for the maker's secrets") { () throws(TokenError) in
            try card.token.factorySecrets()
        }
        guard let factory else { return }
        for (secret, later, name) in [
            (FactorySecret.pin, [FactorySecret.unblockingCode, .administratorSecret], "PIN"),
            (.unblockingCode, [.administratorSecret], "PUK"), (.administratorSecret, [], "management key"),
        ] where !factory.contains(secret) {
            guard entry.key != nil, !later.contains(where: factory.contains) else {
                throw CommandFailure(
                    "the \(name) of \(title) was changed, and not by this list: no sealed file tells it", hint: hint)
            }
        }
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

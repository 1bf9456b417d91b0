import ArgumentParser
import ISO7816
import PCSC
import Platform
import Token
import Wiring

/// Which card a command is for, where several are in readers.
struct CardSelection: ParsableArguments {
    @Option(help: "Only the reader whose name has this in it.")
    var reader: String?

    @Option(help: "Only the card with this serial number.")
    var serial: String?

    /// The readers that are meant.
    ///
    /// - Throws: where there are readers, and none of them has that name.
    func readers(of source: SystemTokens) throws(CommandFailure) -> [ReaderPresence] {
        let all = source.readers()
        if all.isEmpty { try checkService() }
        guard let reader else { return all }
        let found = all.filter { $0.name.lowercased().contains(reader.lowercased()) }
        guard found.isEmpty, !all.isEmpty else { return found }
        throw CommandFailure(
            "there are no readers with '\(reader)' in their names",
            hint: "martlet doctor tells more; there are " + all.map { "'\($0.name)'" }.joined(separator: ", "),
            .unavailable)
    }

    /// Throws where there are no readers because pcscd does not answer.
    private func checkService() throws(CommandFailure) {
        do throws(ChannelError) {
            _ = try ReaderMonitor().readers()
        } catch {
            throw CommandFailure(.serviceUnavailable, during: "looking for readers", nil)
        }
    }

    /// All tokens of the cards that are meant. A card that cannot be used is passed over, unless it is the only one.
    func tokens() throws(CommandFailure) -> [CardToken] {
        let source = SystemTokens.ofCommandLine()
        let readers = try readers(of: source).filter { $0.insertion != nil }
        var found: [CardToken] = [], others: [String] = []
        var failure: CommandFailure?
        for presence in readers {
            do throws(CommandFailure) {
                let (meant, left) = try tokens(in: presence.name, source)
                found += meant
                others += left
            } catch {
                failure = error
            }
        }
        guard found.isEmpty else { return found }
        if let failure { throw failure }
        throw noSuchCard(others)
    }

    /// What is told where no card fits.
    ///
    /// - Parameter others: the serial numbers of those that are there.
    func noSuchCard(_ others: [String]) -> CommandFailure {
        guard let serial, !others.isEmpty else {
            return CommandFailure(
                reader == nil && serial == nil ? "no card is in a reader" : "no card that fits is in a reader",
                hint: "put a card into a reader; martlet doctor tells more", .unavailable)
        }
        return CommandFailure(
            "no card that fits is in a reader: none has the serial number \(serial.isEmpty ? "''" : serial)",
            hint: "the serial numbers here: \(others.joined(separator: ", ")); martlet doctor tells more", .unavailable)
    }

    /// The tokens of the card in one reader that are meant, and the serial numbers of the others.
    func tokens(
        in reader: String, _ source: SystemTokens
    ) throws(CommandFailure) -> (meant: [CardToken], others: [String]) {
        let contents: CardContents
        do throws(TokenError) {
            contents = try Progress.during("waiting for the card in \(reader)") { () throws(TokenError) in
                try source.openCard(in: reader, isPatient: true)
            }
        } catch {
            throw CommandFailure(error, during: "connecting to the card in \(reader)", nil)
        }
        var cards: [CardToken] = [], others: [String] = []
        for case let token? in contents.tokens {
            guard let application = CardApplication(token) else { continue }
            LoginEnd.note(token)
            cards.append(CardToken(reader: reader, application: application, token: token))
        }
        guard let serial else { return (cards, []) }
        // What is printed on a token names both of its applications.
        let isMeant = try cards.map { (card) throws(CommandFailure) in
            try SerialNumber(of: card).matches(serial)
        }
        for (card, isMeant) in zip(cards, isMeant) where !isMeant { others.append(try card.information().serialNumber) }
        return (zip(cards, isMeant).filter(\.1).map(\.0), others)
    }

    /// The one token of an application.
    func token(_ application: CardApplication) throws(CommandFailure) -> CardToken {
        try one(of: tokens().filter { $0.application == application }, application.rawValue)
    }

    /// The one token that is meant, of whichever application.
    func token(_ application: CardApplication?) throws(CommandFailure) -> CardToken {
        guard let application else { return try one(of: tokens(), nil) }
        return try token(application)
    }

    private func one(of tokens: [CardToken], _ name: String?) throws(CommandFailure) -> CardToken {
        guard let first = tokens.first else {
            throw CommandFailure(
                "no card with \(name ?? "a known application") is in a reader",
                hint: "martlet list shows what is there", .unavailable)
        }
        guard tokens.count > 1 else { return first }
        let isOneCard = tokens.allSatisfy { $0.reader == first.reader }
        throw CommandFailure(
            isOneCard ? "the card has PIV and OpenPGP" : "more than one card is in a reader",
            hint: isOneCard
                ? "name one with --application piv or --application openpgp"
                : "name one with --reader or --serial; martlet list shows them", .usage)
    }
}

extension SystemTokens {
    /// The tokens as they are set for this process; those that the module does not serve as well.
    static func ofCommandLine() -> SystemTokens {
        var settings = Settings.current()
        settings.served = .all
        return SystemTokens(settings) { [log = settings.log] in log?.write($0.printable) }
    }
}

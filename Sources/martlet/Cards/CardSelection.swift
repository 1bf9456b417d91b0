import ArgumentParser
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
    func readers(of source: SystemTokens) -> [ReaderPresence] {
        source.readers().filter { presence in
            reader.map { presence.name.lowercased().contains($0.lowercased()) } ?? true
        }
    }

    /// All tokens of the cards that are meant. A card that cannot be used is passed over, unless it is the only one.
    func tokens() throws(CommandFailure) -> [CardToken] {
        let source = SystemTokens.ofCommandLine()
        let readers = readers(of: source).filter { $0.insertion != nil }
        var found: [CardToken] = []
        var failure: CommandFailure?
        for presence in readers {
            do throws(CommandFailure) {
                found += try tokens(in: presence.name, source)
            } catch {
                failure = error
            }
        }
        guard found.isEmpty else { return found }
        throw failure
            ?? CommandFailure(
                reader == nil && serial == nil ? "no card is in a reader" : "no card that fits is in a reader",
                hint: "put a card into a reader; martlet doctor tells more", .unavailable)
    }

    /// The tokens of the card in one reader, those with another serial number left out.
    func tokens(in reader: String, _ source: SystemTokens) throws(CommandFailure) -> [CardToken] {
        let contents: CardContents
        do throws(TokenError) {
            contents = try source.openCard(in: reader, isPatient: true)
        } catch {
            throw CommandFailure(error, during: "connecting to the card in \(reader)", nil)
        }
        var cards: [CardToken] = []
        for case let token? in contents.tokens {
            guard let application = CardApplication(token) else { continue }
            LoginEnd.note(token)
            let card = CardToken(reader: reader, application: application, token: token)
            if let serial, try card.information().serialNumber.lowercased() != serial.lowercased() { continue }
            cards.append(card)
        }
        return cards
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

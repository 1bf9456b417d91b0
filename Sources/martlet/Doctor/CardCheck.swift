import HostCrypto
import PCSC
import Token
import Wiring

/// Whether the cards in the readers can be used.
enum CardCheck {
    static func findings(_ readers: [ReaderStatus]) -> [Finding] {
        let present = readers.filter(\.isCardPresent)
        guard !present.isEmpty else {
            return readers.isEmpty ? [] : [.bad("no card is in a reader", mend: "put a card into a reader")]
        }
        let source = SystemTokens.ofCommandLine()
        return present.flatMap { findings($0, source) }
    }

    private static func findings(_ reader: ReaderStatus, _ source: SystemTokens) -> [Finding] {
        let name = reader.name.description
        if reader.isMute {
            return [.bad("the card in \(name) does not answer", mend: "put it in the right way up")]
        }
        if reader.isExclusive { return [held(name)] }
        do throws(TokenError) {
            let contents = try source.openCard(in: name, isPatient: true)
            return contents.tokens.compactMap { $0 }.flatMap { token in
                CardApplication(token).map {
                    findings(CardToken(reader: name, application: $0, token: token))
                } ?? []
            }
        } catch {
            guard error != .heldByAnother else { return [held(name)] }
            let failure = CommandFailure(error, during: name, nil)
            return [.bad(failure.message, mend: failure.hint)]
        }
    }

    /// Another program has the card in this reader, and who that may be.
    private static func held(_ reader: String) -> Finding {
        let suspects = RunningProcess.usersOfCards
        let text = "another program has the card in \(reader) for itself"
        guard let first = suspects.first else {
            return .bad(text, mend: "end it; as root, martlet doctor may be able to name it")
        }
        let names = suspects.map { "\($0.name) (\($0.pid))" }.joined(separator: " or ")
        guard !suspects.contains(where: { $0.name == "scdaemon" }) else {
            return .bad(
                "\(text): \(names)",
                mend: "echo pcsc-shared >> ~/.gnupg/scdaemon.conf && gpgconf --kill scdaemon")
        }
        return .bad("\(text): \(names)", mend: "kill \(first.pid)")
    }

    private static func findings(_ card: CardToken) -> [Finding] {
        do throws(CommandFailure) {
            let title = try card.title()
            return [pinFinding(try card.pinStatus(), title)]
                + (try card.unfinishedChanges()).map { .bad("\($0) (\(title))", mend: "martlet repair") }
                + (try card.contents(areAllSought: false)).compactMap { certificateFinding($0, title) }
        } catch {
            return [.bad("\(card.application.rawValue) in \(card.reader): \(error.message)", mend: error.hint)]
        }
    }

    private static func pinFinding(_ status: PINStatus, _ title: String) -> Finding {
        switch status.retriesLeft {
        case nil: .good("\(title) answers")
        case 0: .bad("the PIN of \(title) is blocked", mend: "martlet pin unblock")
        case 1: .note("the PIN of \(title) has one try left", mend: "type it with care: a wrong one blocks it")
        case let left?: .good("\(title) answers; its PIN has \(left) tries left")
        }
    }

    private static func certificateFinding(_ content: KeyReport.Content, _ title: String) -> Finding? {
        guard let certificate = content.certificate else { return nil }
        let name = "the certificate of \(content.name.text) on \(title)"
        let key = content.name.text.lowercased()
        if certificate.isExpired {
            return .bad(
                "\(name) has expired on \(certificate.notAfter?.date ?? "")",
                mend: "martlet certificate request \(key) --subject NAME, and import what the issuer answers")
        }
        if certificate.isNotYetValid {
            return .bad(
                "\(name) is not valid before \(certificate.notBefore?.date ?? "")", mend: "look at the clock: date")
        }
        return nil
    }
}

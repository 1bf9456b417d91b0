import HostCrypto
import PCSC
import Token
import Wiring

/// Whether the cards in the readers can be used.
struct CardCheck {
    private(set) var findings: [Finding] = []
    /// The applications of the cards that can be used.
    private(set) var cards: [CardToken] = []

    init(_ readers: [ReaderStatus]) {
        let present = readers.filter(\.isCardPresent)
        guard !present.isEmpty else {
            if !readers.isEmpty { findings = [.bad("no card is in a reader", mend: "put a card into a reader")] }
            return
        }
        let source = SystemTokens.ofCommandLine()
        for reader in present { look(at: reader, source) }
    }

    private mutating func look(at reader: ReaderStatus, _ source: SystemTokens) {
        let name = reader.name.description
        if reader.isMute {
            return findings.append(.bad("the card in \(name) does not answer", mend: "put it in the right way up"))
        }
        if reader.isExclusive { return findings.append(HolderCheck.finding(name)) }
        let text = "waiting for the card in \(name), which another program may hold"
        let contents = Result { () throws(TokenError) in
            try Progress.during(text) { () throws(TokenError) in try source.openCard(in: name, isPatient: true) }
        }
        switch contents {
        case .success(let contents):
            for case let token? in contents.tokens {
                guard let application = CardApplication(token) else { continue }
                let card = CardToken(reader: name, application: application, token: token)
                cards.append(card)
                findings += Self.findings(card)
            }
        case .failure(.heldByAnother): findings.append(HolderCheck.finding(name))
        case .failure(let error):
            let failure = CommandFailure(error, during: name, nil)
            findings.append(.bad(failure.message, mend: failure.hint))
        }
    }

    private static func findings(_ card: CardToken) -> [Finding] {
        do throws(CommandFailure) {
            let title = try card.title()
            let told = try card.contents(areAllSought: false)
            return [pinFinding(try card.pinStatus(), title, card.application)] + SecretCheck.findings(card, title)
                + (try card.unfinishedChanges()).map { .bad("\($0) (\(title))", run: "martlet repair\(option(card))") }
                + told.compactMap { certificateFinding($0, title) } + (try retired(card, title, told))
                + told.filter(\.isWeak).map { weakFinding($0, title) }
                + card.token.takeNotices().filter { !$0.hasPrefix("the certificate of") }.map {
                    .note($0, mend: "see martlet info")
                }
        } catch {
            return [.bad("\(card.application.rawValue) in \(card.reader): \(error.message)", mend: error.hint)]
        }
    }

    /// Where a card has both applications, a command must be told which one is meant.
    static func option(_ card: CardToken) -> String { " --application \(card.application.rawValue.lowercased())" }

    private static func pinFinding(_ status: PINStatus, _ title: String, _ application: CardApplication) -> Finding {
        let option = " --application \(application.rawValue.lowercased())"
        return switch status.retriesLeft {
        case nil: .good("\(title) answers")
        case 0: .bad("the PIN of \(title) is blocked", run: "martlet pin unblock\(option)")
        case 1: .note("the PIN of \(title) has one try left", mend: "type it with care: a wrong one blocks it")
        case let left?: .good("\(title) answers; its PIN has \(left) tries left")
        }
    }

    private static func certificateFinding(_ content: KeyReport.Content, _ title: String) -> Finding? {
        let name = "the certificate of \(content.name.text) on \(title)"
        let key = content.name.text.lowercased()
        if let problem = content.certificateProblem {
            return .bad("\(name) cannot be read: \(problem)", run: "martlet certificate export \(key) | xxd | head")
        }
        guard let certificate = content.certificate else { return nil }
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

    /// A key that was made by a YubiKey 4.2.0 to 4.3.4.
    private static func weakFinding(_ content: KeyReport.Content, _ title: String) -> Finding {
        .bad(
            "the key \(content.name.text) on \(title) is weak if this YubiKey made it: others can find out RSA keys that "
                + "its firmware makes (ROCA, CVE-2017-15361)",
            mend:
                "take a P-256 key, or one that was made elsewhere, and have the certificate issued anew: martlet generate"
        )
    }

    /// Keys that programs which list a card do not see.
    private static func retired(
        _ card: CardToken, _ title: String, _ told: [KeyReport.Content]
    ) throws(CommandFailure) -> [Finding] {
        guard card.application == .piv else { return [] }
        let known = Set(told.map(\.name))
        let untold = try card.contents(areAllSought: true).filter { !known.contains($0.name) && $0.policy != nil }
        guard !untold.isEmpty else { return [] }
        let names = untold.map(\.name.text).joined(separator: ", ")
        return [
            .note(
                "the keys \(names) of \(title) stand in no Key History: programs that list the card do not see them",
                mend: "name them by their id, or move them to 9A, 9C, 9D or 9E; martlet list --all shows them")
        ]
    }
}

import HostCrypto
import ISO7816
import OpenPGP
import PIV
import Platform
import Token

/// The applications that this package knows, looked for on a card.
package enum CardApplications {
    /// One place for each application that is there: PIV first.
    ///
    /// - Parameters:
    ///   - served: which of them the caller wants. No command is sent to another application.
    ///   - pinRetention: for how long PINs are kept in memory.
    ///   - clock: milliseconds.
    ///   - pinClock: milliseconds that go on while the machine is suspended, for how long PINs are kept.
    ///   - log: gets a line on an application that failed beside another one.
    /// - Throws: `TokenError.notRecognised` where there is none, `TokenError.removed` where the card was pulled out, or
    ///   what the only application failed with.
    package static func open(
        _ card: Card, served: ServedCards = .all, identity: TokenIdentity = .truthful,
        pinRetention: PINRetention = .session,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds,
        pinClock: @escaping @Sendable () -> Int = BootClock.milliseconds, log: (String) -> Void = { _ in }
    ) throws(TokenError) -> CardContents {
        let limit = pinRetention.milliseconds
        let openPIV: CardContents.Opening = { () throws(TokenError) in
            guard served.includes(application: "piv") else { return nil }
            let pins = PINKeeper(limit: limit, clock: pinClock)
            return try served.selection(PIVToken.open(card, identity: identity, pins: pins, clock: clock))
        }
        let openOpenPGP: CardContents.Opening = { () throws(TokenError) in
            guard served.includes(application: "openpgp") else { return nil }
            let pins = PINKeeper(limit: limit, clock: pinClock)
            return try served.selection(OpenPGPToken.open(card, identity: identity, pins: pins, clock: clock))
        }
        // PIV last, so that it is the one that stays selected: most programs use it. But its slot is the first.
        let openPGP = Result(catching: openOpenPGP)
        let piv = Result(catching: openPIV)
        var tokens: [(any Token)?] = []
        var unanswered: [Int: CardContents.Opening] = [:]
        var failure: TokenError?
        for (result, open) in [(piv, openPIV), (openPGP, openOpenPGP)] {
            switch result {
            case .success(nil): continue
            case .success(let token): tokens.append(token)
            case .failure(.removed): throw .removed
            case .failure(let error):
                failure = error
                unanswered[tokens.count] = open
                tokens.append(nil)
            }
        }
        guard tokens.contains(where: { $0 != nil }) else { throw failure ?? .notRecognised }
        if let failure { log("one of the card's applications does not answer: \(failure)") }
        return CardContents(tokens, unanswered: unanswered)
    }
}

import ISO7816
import OpenPGP
import PIV
import Platform
import Token

/// The applications that this package knows, looked for on a card.
package enum CardApplications {
    /// One token for each application that is there: PIV first. An application that fails hides no other.
    ///
    /// - Parameters:
    ///   - served: which of them the caller wants. No command is sent to another application.
    ///   - clock: milliseconds.
    ///   - log: gets a line on an application that failed beside another one.
    /// - Throws: `TokenError.notRecognised` where there is none, `TokenError.removed` where the card was pulled out, or
    ///   what the only application failed with.
    package static func tokens(
        on card: Card, served: ServedCards = .all, identity: TokenIdentity = .truthful,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds, log: (String) -> Void = { _ in }
    ) throws(TokenError) -> [any Token] {
        // PIV last, so that it is the one that stays selected: most programs use it. But its slot is the first.
        let openPGP = Result { () throws(TokenError) -> (any Token)? in
            guard served.includes(application: "openpgp") else { return nil }
            return try OpenPGPToken.open(card, identity: identity) { clock() / 1000 }
        }
        let piv = Result { () throws(TokenError) -> (any Token)? in
            guard served.includes(application: "piv") else { return nil }
            return try PIVToken.open(card, identity: identity, clock: clock)
        }
        var tokens: [any Token] = []
        var failure: TokenError?
        for result in [piv, openPGP] {
            switch result {
            case .success(let token?): if try served.includes(token) { tokens.append(token) }
            case .success(nil): break
            case .failure(.removed): throw .removed
            case .failure(let error): failure = error
            }
        }
        guard tokens.isEmpty else {
            if let failure { log("one of the card's applications does not answer: \(failure)") }
            return tokens
        }
        throw failure ?? .notRecognised
    }
}

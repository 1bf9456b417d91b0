import HostCrypto
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
    ///   - pinRetention: for how long PINs are kept in memory.
    ///   - clock: milliseconds.
    ///   - pinClock: milliseconds that go on while the machine is suspended, for how long PINs are kept.
    ///   - log: gets a line on an application that failed beside another one.
    /// - Throws: `TokenError.notRecognised` where there is none, `TokenError.removed` where the card was pulled out, or
    ///   what the only application failed with.
    package static func tokens(
        on card: Card, identity: TokenIdentity = .truthful, pinRetention: PINRetention = .session,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds,
        pinClock: @escaping @Sendable () -> Int = BootClock.milliseconds, log: (String) -> Void = { _ in }
    ) throws(TokenError) -> [any Token] {
        let limit = pinRetention.milliseconds
        // PIV last, so that it is the one that stays selected: most programs use it. But its slot is the first.
        let openPGP = Result { () throws(TokenError) in
            try OpenPGPToken.open(card, identity: identity, pins: PINKeeper(limit: limit, clock: pinClock)) {
                clock() / 1000
            } as (any Token)?
        }
        let piv = Result { () throws(TokenError) in
            try PIVToken.open(
                card, identity: identity, pins: PINKeeper(limit: limit, clock: pinClock), clock: clock) as (any Token)?
        }
        var tokens: [any Token] = []
        var failure: TokenError?
        for result in [piv, openPGP] {
            switch result {
            case .success(let token?): tokens.append(token)
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

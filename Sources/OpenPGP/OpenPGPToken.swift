import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// The policy of an OpenPGP application: what is read when, who is logged in, and what to do when another program has
/// used the card. The commands themselves are in `OpenPGPCard`.
public final class OpenPGPToken: Token, @unchecked Sendable {
    let card: Card
    let identity: TokenIdentity
    /// Who the card is, where it has told it.
    let applicationIdentifier: ApplicationIdentifier?
    private let clock: @Sendable () -> Int

    /// Guards `cache`. Never held while the card works, so that what is known can be read meanwhile.
    private let cacheLock = Lock()
    private var cache: OpenPGPCache

    /// Touched only inside a card transaction.
    var authentication: OpenPGPAuthentication
    /// Wipes the secrets of `authentication`.
    let pins: PINKeeper

    /// The token of a card, or nil where the card has no OpenPGP application of version 2 or later. Sends SELECT and
    /// reads the application related data.
    ///
    /// - Parameters:
    ///   - pins: wipes this token's PINs, and no other's.
    ///   - clock: seconds that only go forward, for how long what was read is believed.
    public static func open(
        _ card: Card, identity: TokenIdentity = .truthful, pins: PINKeeper = PINKeeper(),
        clock: @escaping @Sendable () -> Int = { MonotonicClock.milliseconds() / 1000 }
    ) throws(TokenError) -> OpenPGPToken? {
        do throws(CardError) {
            let found = try card.lookForApplication { (exchange) throws(CardError) in
                try lookFor(OpenPGPCard(exchange))
            }
            return found.map { OpenPGPToken(card, $0, $1, identity, pins, clock) }
        } catch {
            throw error.tokenError
        }
    }

    /// What the card tells of itself. An answer to SELECT that names no application is believed where the related data
    /// do; a terminated application has none.
    private static func lookFor(_ card: OpenPGPCard) throws(CardError) -> (SelectAnswer, ApplicationRelatedData)? {
        let answer = try card.select()
        var related = ApplicationRelatedData.nothing
        do throws(CardError) {
            if let data = try card.getData(.applicationRelatedData) { related = ApplicationRelatedData(parsing: data) }
        } catch {
            // A terminated application refuses them in any way; another one that fails may not fail the next time.
            let isNone = error.meansNoApplication
            guard answer.isTerminated ? error.isAnswer : isNone else { throw error }
        }
        guard let identifier = related.identifier ?? answer.identifier else {
            return answer.isTerminated ? (answer, related) : nil
        }
        return identifier.version >= .two ? (answer, related) : nil
    }

    private init(
        _ card: Card, _ answer: SelectAnswer, _ related: ApplicationRelatedData, _ identity: TokenIdentity,
        _ pins: PINKeeper, _ clock: @escaping @Sendable () -> Int
    ) {
        self.card = card
        self.identity = identity
        self.clock = clock
        self.pins = pins
        authentication = OpenPGPAuthentication(pins)
        applicationIdentifier = related.identifier ?? answer.identifier
        cache = OpenPGPCache(related, isTerminated: answer.isTerminated, time: clock())
    }

    /// The moment, in seconds of the token's clock.
    var now: Int { clock() }

    /// The version that the card follows. One that does not tell is treated as the latest.
    var version: SpecificationVersion { applicationIdentifier?.version ?? .three }

    /// Reads or writes what is known.
    func withCache<R>(_ body: (inout OpenPGPCache) -> R) -> R { cacheLock.withLock { body(&cache) } }
}

/// Transactions.
extension OpenPGPToken {
    /// Runs `body` in one transaction with the application selected. Where a command fails because another program
    /// took the card, the application is selected again, the login restored, and `body` runs once more.
    ///
    /// - Parameter access: what the card must have verified before. Restoring sends the PIN that the user gave; where
    ///   there is none the answer is `TokenError.notLoggedIn`.
    func perform<R>(
        _ access: OpenPGPAuthentication.Access = .none, _ body: (OpenPGPTransaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        let outcome = Result { () throws(CardError) in
            try card.commandTransaction { (exchange) throws(CardError) in
                try exchange.outlastingReset { () throws(CardError) in
                    let transaction = begin(exchange)
                    let result = Result { () throws(CardError) in try run(access, transaction, body) }
                    leaveTidy(transaction)
                    return try result.get()
                }
            }
        }
        return try outcome.mapError { tokenError(for: $0) }.get()
    }

    /// What a failed transaction means to the user, noted where it tells of the card's state.
    private func tokenError(for error: CardError) -> TokenError {
        if error.status == .terminated { withCache { $0.isTerminated = true } }
        let tokenError = error.tokenError
        switch tokenError {
        // A password that was kept may just have cost a try.
        case .notLoggedIn, .keptPINRefused: withCache { $0.forgetTries() }
        // The login has ended with the card's stay.
        case .removed: pins.wipeAll()
        default: break
        }
        return tokenError
    }

    private func run<R>(
        _ access: OpenPGPAuthentication.Access, _ transaction: OpenPGPTransaction,
        _ body: (OpenPGPTransaction) throws(CardError) -> R
    ) throws(CardError) -> R {
        try transaction.selectIfLost()
        try noteAlive(transaction)
        try authentication.restore(access, transaction)
        let outcome = Result { () throws(CardError) in try body(transaction) }
        guard case .failure(let error) = outcome, isWorthRepeating(error, access, transaction) else {
            return try outcome.get()
        }
        try recover(error, access, transaction)
        try authentication.restore(access, transaction)
        return try body(transaction)
    }

    func begin(_ exchange: CardExchange) -> OpenPGPTransaction {
        var card = OpenPGPCard(exchange)
        let related = withCache { $0.related.value }
        if let told = related.lengths?.maximumAnswer ?? related.capabilities?.maximumAnswer, told > 0 {
            card.maximumAnswer = min(max(told, 256), CardExchange.maximumAnswer)
        }
        return OpenPGPTransaction(card, applicationIdentifier) { [self] reading in
            switch reading {
            case .related(let related): withCache { $0.note(related, now) }
            case .passwords(let status): withCache { $0.note(status, now) }
            }
        }
    }

    /// A terminated application told nothing of itself; one that was activated again does.
    private func noteAlive(_ transaction: OpenPGPTransaction) throws(CardError) {
        let wasTerminated = withCache { cache in
            defer { cache.isTerminated = false }
            return cache.isTerminated
        }
        if wasTerminated { _ = try transaction.readRelatedData() }
    }

    /// Whether the card may have answered so only because another program took it meanwhile.
    private func isWorthRepeating(
        _ error: CardError, _ access: OpenPGPAuthentication.Access, _ transaction: OpenPGPTransaction
    ) -> Bool {
        // What no card said, and the answer to a PIN, is never repeated.
        guard error.isAnswer, !error.isOfPassword else { return false }
        // In a proven transaction only the verified state can be lost.
        let isStateLost = error.status == .securityStatusNotSatisfied && access.mode != nil
        let mayBeAnothers = !transaction.isProven || transaction.hasSelectedAgain && !transaction.hasRestored
        return mayBeAnothers || isStateLost && !transaction.hasRestored
    }

    /// Finds out what was lost: the verified state alone, or the application too. 6982 and its like come from the
    /// right application nearly always, which is asked who it is; another answer calls for SELECT at once.
    private func recover(
        _ error: CardError, _ access: OpenPGPAuthentication.Access, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        switch error.status {
        case .instructionNotSupported?, .classNotSupported?:
            if transaction.isProven { break }
            try transaction.selectAgain()
        default: try transaction.prove()
        }
        if error.status == .securityStatusNotSatisfied, let mode = access.mode {
            authentication.forgetVerification(of: mode)
        }
    }

    /// Leaves the first certificate selected: programs that know of one certificate read whichever is.
    private func leaveTidy(_ transaction: OpenPGPTransaction) {
        guard let selected = transaction.occurrence, selected != 0 else { return }
        let hasLengthByte = withCache { $0.certificateSelection } == .withLengthByte
        try? transaction.card.selectData(.certificate, occurrence: 0, hasLengthByte: hasLengthByte)
    }
}

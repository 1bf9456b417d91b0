import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// The policy of a PIV application: what is read when, who is logged in, and what to do when another program has
/// used the card. The commands themselves are in `PIVCard`.
public final class PIVToken: Token, @unchecked Sendable {
    let card: Card
    let identity: TokenIdentity
    /// Whether the answer to reset says that it is a YubiKey: it then has Yubico's commands and no Global PIN.
    let isYubiKey: Bool
    /// The name of its series, as the answer to reset tells it: NEO, 4 or 5.
    let yubiKeyModel: String?

    /// Guards `cache`. Never held while the card works, so that what is known can be read meanwhile.
    private let cacheLock = Lock()
    private var cache = PIVCache()

    /// Touched only inside a card transaction.
    var authentication: PIVAuthentication
    /// Wipes the secrets of `authentication`.
    private let pins: PINKeeper

    /// Milliseconds of a clock that nobody sets; tests have one of their own.
    let clock: @Sendable () -> Int

    /// The token of a card, or nil where the card has no PIV application. Sends SELECT.
    ///
    /// - Parameters:
    ///   - pins: wipes this token's PINs, and no other's.
    ///   - clock: milliseconds of a clock that nobody sets.
    public static func open(
        _ card: Card, identity: TokenIdentity = .truthful, pins: PINKeeper = PINKeeper(),
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds
    ) throws(TokenError) -> PIVToken? {
        do throws(CardError) {
            let properties = try card.lookForApplication { (exchange) throws(CardError) in
                try lookFor(PIVCard(exchange))
            }
            return properties.map { PIVToken(card, $0, identity, pins, clock) }
        } catch {
            throw error.tokenError
        }
    }

    /// What the card tells of itself. An answer to SELECT that names no application is believed where there is something
    /// that only PIV has.
    private static func lookFor(_ card: PIVCard) throws(CardError) -> ApplicationProperties? {
        let properties = try card.select()
        if properties.identity == .piv { return properties }
        if try card.getData(.discovery) != nil { return properties }
        return try card.getData(.cardholderUniqueIdentifier) == nil ? nil : properties
    }

    private init(
        _ card: Card, _ properties: ApplicationProperties, _ identity: TokenIdentity, _ pins: PINKeeper,
        _ clock: @escaping @Sendable () -> Int
    ) {
        self.card = card
        self.identity = identity
        self.clock = clock
        self.pins = pins
        authentication = PIVAuthentication(pins)
        let historical = HistoricalBytes(answerToReset: card.answerToReset)
        // A YubiKey NEO and 4 say "Yubikey", a YubiKey 5 "YubiKey".
        isYubiKey = historical.contains("YubiKey") || historical.contains("Yubikey")
        yubiKeyModel =
            historical.contains("YubiKey") ? "5" : historical.contains("Yubikey4") ? "4" : isYubiKey ? "NEO" : nil
        // GET METADATA came with firmware 5.3.
        if isYubiKey, yubiKeyModel != "5" { cache.hasMetadata = false }
        cache.properties = properties
    }

    /// Reads or writes what is known.
    func withCache<R>(_ body: (inout PIVCache) -> R) -> R { cacheLock.withLock { body(&cache) } }

    /// See `Token`.
    public func wipeExpiredPINs() { pins.wipeExpired() }

    /// Runs `body` in one transaction with the application selected. Where a command fails because another program
    /// took the card, the application is selected again, the login restored, and `body` runs once more.
    ///
    /// - Parameter access: what the card must have verified before. Restoring sends the PIN that the user gave, or proves
    ///   the administrator's key; where there is neither the answer is `TokenError.notLoggedIn`.
    func perform<R>(
        _ access: PIVAuthentication.Access = .none, _ body: (PIVTransaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        do throws(CardError) {
            return try card.commandTransaction { (exchange) throws(CardError) in
                try exchange.outlastingReset { () throws(CardError) in
                    try run(access, PIVTransaction(exchange, now: clock()), body)
                }
            }
        } catch {
            let tokenError = error.tokenError
            switch tokenError {
            // The PIN that was kept may just have cost a try.
            case .notLoggedIn, .keptPINRefused: withCache { $0.pinStatus = nil }
            // The login has ended with the card's stay.
            case .removed: pins.wipeAll()
            default: break
            }
            throw tokenError
        }
    }

    private func run<R>(
        _ access: PIVAuthentication.Access, _ transaction: PIVTransaction,
        _ body: (PIVTransaction) throws(CardError) -> R
    ) throws(CardError) -> R {
        try transaction.selectIfLost()
        try restore(access, transaction)
        let outcome = Result { () throws(CardError) in try body(transaction) }
        guard case .failure(let error) = outcome, isWorthRepeating(error, access, transaction) else {
            return try outcome.get()
        }
        try transaction.selectAgain()
        try restore(access, transaction)
        return try body(transaction)
    }

    /// Whether the card may have answered so only because another program took it meanwhile.
    private func isWorthRepeating(
        _ error: CardError, _ access: PIVAuthentication.Access, _ transaction: PIVTransaction
    ) -> Bool {
        guard error.isAnswer else { return false }
        // In a proven transaction only the login can be lost, which another program's SELECT of PIV does.
        let isStateLost = error.status == .securityStatusNotSatisfied && access.needsLogin
        return !transaction.isProven || isStateLost && !transaction.hasRestored
    }

    private func restore(
        _ access: PIVAuthentication.Access, _ transaction: PIVTransaction
    ) throws(CardError) {
        if case .administration = access { return try restoreAdministration(transaction) }
        try authentication.restore(access, transaction) { () throws(CardError) in try pinReference(transaction) }
    }

    /// Which PIN the card wants. YubiKeys have only the one; others tell in the Discovery Object, which is read once.
    func pinReference(_ transaction: PIVTransaction) throws(CardError) -> PINReference {
        if isYubiKey { return .application }
        let known = withCache { $0.containers[.discovery] }
        let discovery: [UInt8]?
        if let known { discovery = known.value } else { discovery = try container(.discovery, transaction) }
        return discovery.flatMap { DiscoveryObject(parsing: $0) }?.preferredPIN ?? .application
    }
}

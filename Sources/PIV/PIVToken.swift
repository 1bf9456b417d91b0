import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// One transaction with the PIV application.
package typealias PIVTransaction = CardTransaction<PIVToken>

/// The policy of a PIV application: what it answers differently from others. The commands themselves are in `PIVCard`,
/// transactions and logins in `ApplicationToken`.
public final class PIVToken: ApplicationToken {
    package let state: TokenState<PIVCache, PIVAdministration>
    /// Whether the answer to reset says that it is a YubiKey: it then has Yubico's commands and no Global PIN.
    let isYubiKey: Bool
    /// The name of its series, as the answer to reset tells it: NEO, 4 or 5.
    let yubiKeyModel: String?

    /// The token of a card, or nil where the card has no PIV application. Sends SELECT.
    ///
    /// - Parameters:
    ///   - pins: wipes this token's PINs, and no other's.
    ///   - clock: milliseconds of a clock that nobody sets.
    public static func open(
        _ card: Card, identity: TokenIdentity = .truthful, pins: PINKeeper = PINKeeper(),
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds
    ) throws(TokenError) -> PIVToken? {
        let found = Result { () throws(CardError) in
            try card.lookForApplication { (exchange) throws(CardError) in try lookFor(PIVCard(exchange)) }
        }
        return try found.mapError { $0.tokenError }.get().map { PIVToken(card, $0, identity, pins, clock) }
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
        let historical = HistoricalBytes(answerToReset: card.answerToReset)
        // A YubiKey NEO and 4 say "Yubikey", a YubiKey 5 "YubiKey".
        isYubiKey = historical.contains("YubiKey") || historical.contains("Yubikey")
        yubiKeyModel =
            historical.contains("YubiKey") ? "5" : historical.contains("Yubikey4") ? "4" : isYubiKey ? "NEO" : nil
        var cache = PIVCache(properties)
        // GET METADATA came with firmware 5.3.
        if isYubiKey, yubiKeyModel != "5" { cache.hasMetadata = false }
        state = TokenState(card, identity, pins, cache, clock: clock)
    }

    package static var applicationIdentifier: [UInt8] { PIVCard.applicationIdentifier }

    package static var isProvenBySelectAlone: Bool { true }

    package func commands(_ exchange: CardExchange) -> PIVCard { PIVCard(exchange) }

    package func select(_ transaction: PIVTransaction) throws(CardError) { _ = try transaction.card.select() }

    /// Which PIN the card wants. YubiKeys have only the one; others tell in the Discovery Object, which is read once.
    func pinReference(_ transaction: PIVTransaction) throws(CardError) -> PINReference {
        if isYubiKey { return .application }
        let known = withCache { $0.value(in: .discovery) }
        let discovery: [UInt8]?
        if let known { discovery = known.value } else { discovery = try container(.discovery, transaction) }
        return discovery.flatMap { DiscoveryObject(parsing: $0) }?.preferredPIN ?? .application
    }
}

extension CardTransaction<PIVToken> {
    /// Reads a container; "not found" is believed only from the PIV application.
    func read(_ container: PIVContainer) throws(CardError) -> [UInt8]? {
        // What the card keeps behind the PIN is not for a trace.
        let isPrivate = PIVCatalogue.needsPIN(container.object)
        let value = try believing { () throws(CardError) in
            try card.getData(container, secrecy: isPrivate ? .answer : [])
        }
        noteProof()
        return value
    }

    /// Reads the metadata of a key; "no such key" is believed only from the PIV application.
    func readMetadata(_ key: PIVKeyReference) throws(CardError) -> KeyMetadata? {
        let metadata = try believing { () throws(CardError) in try card.getMetadata(key) }
        noteProof()
        return metadata
    }
}

extension PIVContainer {
    /// The data object that it is.
    var object: ObjectReference { ObjectReference(.data, rawValue) }
}

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
    /// The name of a YubiKey's series, as the answer to reset tells it: NEO, 4 or 5. What the card can do is asked of it
    /// (`PIVToken+Abilities`); the name is shown, and saves questions whose answers all cards of that name have in common: a
    /// NEO and a 4 have no GET METADATA, none has a Global PIN.
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
    /// that only PIV has, whatever else of that kind the card refuses.
    private static func lookFor(_ card: PIVCard) throws(CardError) -> ApplicationProperties? {
        let properties = try card.select()
        if properties.identity == .piv { return properties }
        var refusal: CardError?
        let certificates = PIVKeyReference.everyCards.compactMap(\.certificateContainer)
        for container in [PIVContainer.discovery, .cardholderUniqueIdentifier, .cardCapabilities] + certificates {
            switch Result(catching: { () throws(CardError) in try card.getData(container) }) {
            case .success(nil): continue
            case .success: return properties
            case .failure(let error):
                guard error.isAnswer else { throw error }
                refusal = refusal ?? error
            }
        }
        // Tries of a PIN under this reference are PIV's too.
        if try card.pinStatus(.application).pinTriesLeft != nil { return properties }
        if let refusal { throw refusal }
        return nil
    }

    private init(
        _ card: Card, _ properties: ApplicationProperties, _ identity: TokenIdentity, _ pins: PINKeeper,
        _ clock: @escaping @Sendable () -> Int
    ) {
        let historical = HistoricalBytes(answerToReset: card.answerToReset)
        // A YubiKey NEO and 4 say "Yubikey", a YubiKey 5 "YubiKey", whose last letter an ACR122 damages (OpenSC's card-piv.c).
        yubiKeyModel =
            historical.contains("YubiKe")
            ? "5" : historical.contains("Yubikey4") ? "4" : historical.contains("Yubikey") ? "NEO" : nil
        var cache = PIVCache(properties)
        // It came with firmware 5.3.
        if let yubiKeyModel, yubiKeyModel != "5" { cache.denyMetadata() }
        state = TokenState(card, identity, pins, cache, clock: clock)
    }

    package static var applicationIdentifier: [UInt8] { PIVCard.applicationIdentifier }

    package static var isProvenBySelectAlone: Bool { true }

    package func commands(_ exchange: CardExchange) -> PIVCard { PIVCard(exchange) }

    package func select(_ transaction: PIVTransaction) throws(CardError) { _ = try transaction.card.select() }

    /// Without the SELECT that takes another program's login away on some cards: reads the Discovery Object, which says which
    /// PIN the card wants, or where the card has none or refuses it what else it may have.
    package func showsItself(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        let now = transaction.now
        let container = withCache { cache in
            [PIVContainer.discovery, .cardholderUniqueIdentifier, .cardCapabilities].first {
                cache.failure(of: $0) == nil && cache.value(in: $0).map { $0.value != nil } ?? ($0 != .cardCapabilities)
            }
        }
        guard let container else { return false }
        let read = Result { () throws(CardError) in try transaction.card.getData(container) }
        switch read {
        case .success(let value):
            guard let value else { return false }
            if container == .discovery { withCache { $0.note(value, in: container, at: now) } }
            return true
        case .failure(let error):
            guard error.isAnswer else { throw error }
            return false
        }
    }

    /// What was refused once may have been refused by another application, or by chance.
    package func begin(_ transaction: PIVTransaction) throws(CardError) {
        withCache { $0.reconsiderMetadata(at: transaction.now) }
    }

    /// Whether the card has its application's PIN alone: one whose metadata tell of keys or PINs, and every YubiKey.
    var hasOnePIN: Bool { yubiKeyModel != nil || withCache { $0.tellsKeysOrPINs } }

    /// Which PIN the card wants. Where there may be two it tells in the Discovery Object, which is read once. A card
    /// that refuses it (DoD CACs: 6A80), or has put something else there, wants the application's own. It is asked again in a
    /// transaction in which PIV has shown itself: only there does another refusal cost no SELECT.
    func pinReference(_ transaction: PIVTransaction) throws(CardError) -> PINReference {
        if hasOnePIN { return .application }
        let (known, failure) = withCache { ($0.knownPINReference, $0.failure(of: .discovery)) }
        if let known, failure == nil || !transaction.isProven { return known }
        _ = try readable(transaction) { () throws(CardError) in try container(.discovery, transaction) }
        return withCache { $0.knownPINReference } ?? .application
    }

    /// Makes the Global PIN the user's where the card has no other one and two or more tries of it are left: CACs have the
    /// Global PIN alone, and no Discovery Object to say so (OpenSC, issue 570).
    ///
    /// - Parameter status: what the card answered to VERIFY of the application's PIN. 6A86 and 6A88 say that there is none,
    ///   and cost no try.
    /// - Returns: whether it did.
    func adoptGlobalPIN(
        after status: StatusWord?, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        guard status == .incorrectParameters || status == .referenceNotFound,
            try pinReference(transaction) == .application
        else { return false }
        let told = try transaction.card.pinStatus(.global)
        guard told == .success || told.pinTriesLeft ?? 0 > 1 else { return false }
        withCache { $0.pinReference = .global }
        return true
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
        // A card that lists its algorithms is no YubiKey.
        let isAnothers = application.withCache { !$0.properties.algorithms.isEmpty }
        return isAnothers ? metadata?.ofUnknownOrigin : metadata
    }
}

extension PIVContainer {
    /// The data object that it is.
    var object: ObjectReference { ObjectReference(.data, rawValue) }
}

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
        // A YubiKey NEO and 4 say "Yubikey", a YubiKey 5 "YubiKey".
        isYubiKey = historical.contains("YubiKey") || historical.contains("Yubikey")
        yubiKeyModel =
            historical.contains("YubiKey") ? "5" : historical.contains("Yubikey4") ? "4" : isYubiKey ? "NEO" : nil
        var cache = PIVCache(properties)
        // GET METADATA came with firmware 5.3.
        if isYubiKey, yubiKeyModel != "5" { cache.denyMetadata() }
        state = TokenState(card, identity, pins, cache, clock: clock)
    }

    package static var applicationIdentifier: [UInt8] { PIVCard.applicationIdentifier }

    package static var isProvenBySelectAlone: Bool { true }

    package func commands(_ exchange: CardExchange) -> PIVCard { PIVCard(exchange) }

    package func select(_ transaction: PIVTransaction) throws(CardError) { _ = try transaction.card.select() }

    /// What was refused once may have been refused by another application, or by chance.
    package func begin(_ transaction: PIVTransaction) throws(CardError) {
        withCache { $0.reconsiderMetadata(at: transaction.now) }
    }

    /// Which PIN the card wants. YubiKeys have only the one; others tell in the Discovery Object, which is read once. A card
    /// that refuses it (DoD CACs: 6A80), or has put something else there, wants the application's own. It is asked again in a
    /// transaction in which PIV has shown itself: only there does another refusal cost no SELECT.
    func pinReference(_ transaction: PIVTransaction) throws(CardError) -> PINReference {
        if isYubiKey { return .application }
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

    /// Has PIV show that it is the selected application, without the SELECT that takes another program's login away on some
    /// cards: what the Discovery Object says does not matter, nor the CHUID of a card that refuses the other.
    func proveByReading() throws(CardError) {
        guard !isProven else { return }
        if application.withCache({ $0.failure(of: .discovery) }) == nil {
            do throws(CardError) {
                _ = try read(.discovery)
                return
            } catch {
                guard error.isAnswer, !error.isUnknownCommand else { throw error }
            }
        }
        _ = try read(.cardholderUniqueIdentifier)
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

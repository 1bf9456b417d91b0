import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// The policy of an OpenPGP application: what it answers differently from others. The commands themselves are in
/// `OpenPGPCard`, transactions and logins in `ApplicationToken`.
public final class OpenPGPToken: ApplicationToken {
    package let state: TokenState<OpenPGPCache, NoDetails>
    /// Who the card is, where it has told it.
    var applicationIdentifier: ApplicationIdentifier? { withCache { $0.identifier } }
    /// The identifier in the answer to SELECT, which some cards leave out, and some may fill for all of their kind.
    private let selectedIdentifier: ApplicationIdentifier?

    /// The token of a card, or nil where the card has no OpenPGP application of version 2 or later. Sends SELECT and
    /// reads the application related data.
    ///
    /// - Parameters:
    ///   - pins: wipes this token's PINs, and no other's.
    ///   - clock: milliseconds of a clock that nobody sets.
    public static func open(
        _ card: Card, identity: TokenIdentity = .truthful, pins: PINKeeper = PINKeeper(),
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds
    ) throws(TokenError) -> OpenPGPToken? {
        let found = Result { () throws(CardError) in
            try card.lookForApplication { (exchange) throws(CardError) in try lookFor(OpenPGPCard(exchange)) }
        }
        return try found.mapError { $0.tokenError }.get().map { OpenPGPToken(card, $0, identity, pins, clock) }
    }

    /// What a card tells when it is first asked.
    private struct Found {
        let answer: SelectAnswer
        var related = ApplicationRelatedData.nothing
        /// The identifier that was asked for alone.
        var apart: ApplicationIdentifier?

        var identifier: ApplicationIdentifier? { related.identifier ?? answer.identifier ?? apart }
    }

    /// What the card tells of itself. An answer to SELECT that names no application is believed where the related data
    /// do; a terminated application has none.
    private static func lookFor(_ card: OpenPGPCard) throws(CardError) -> Found? {
        var found = Found(answer: try card.select())
        do throws(CardError) {
            if let data = try card.getData(.applicationRelatedData) {
                found.related = ApplicationRelatedData(parsing: data)
                // As scdaemon does it, for cards that name themselves nowhere else.
                if found.identifier == nil {
                    let apart = try card.getData(.applicationIdentifier)
                    found.apart = apart.flatMap { ApplicationIdentifier(parsing: $0) }
                }
            }
        } catch {
            // A terminated application refuses them in any way; another one that fails may not fail the next time.
            guard found.answer.isTerminated ? error.isAnswer : error.meansNoApplication else { throw error }
        }
        guard let identifier = found.identifier else { return found.answer.isTerminated ? found : nil }
        return identifier.version >= .two ? found : nil
    }

    private init(
        _ card: Card, _ found: Found, _ identity: TokenIdentity, _ pins: PINKeeper,
        _ clock: @escaping @Sendable () -> Int
    ) {
        selectedIdentifier = found.answer.identifier
        var cache = OpenPGPCache(found.related, isTerminated: found.answer.isTerminated, time: clock())
        (cache.identifier, cache.isIdentifierApart) = (found.identifier, found.apart != nil)
        state = TokenState(card, identity, pins, cache, clock: clock)
    }

    /// The moment, in milliseconds of the token's clock.
    var now: Int { state.clock() }

    /// The version that the card follows. One that does not tell is treated as the latest.
    var version: SpecificationVersion { applicationIdentifier?.version ?? .three }

    package typealias Notes = OpenPGPNotes

    package static var applicationIdentifier: [UInt8] { OpenPGPCard.applicationIdentifier }

    /// The related data hold the card's own identifier, and are answered by the selected application: no other one can give
    /// them.
    package static var isProvenBySelectAlone: Bool { false }

    package func commands(_ exchange: CardExchange) -> OpenPGPCard {
        var card = OpenPGPCard(exchange)
        let related = withCache { $0.related.value }
        if let told = related.lengths?.maximumAnswer ?? related.capabilities?.maximumAnswer, told > 0 {
            card.maximumAnswer = min(max(told, 256), CardExchange.maximumAnswer)
        }
        return card
    }

    package func select(_ transaction: OpenPGPTransaction) throws(CardError) {
        let answer = try transaction.card.select()
        transaction.noteOccurrence(nil)
        if let told = answer.identifier {
            if let selectedIdentifier, told != selectedIdentifier { throw .refused(.removed) }
            if told == applicationIdentifier { transaction.noteIdentity() }
        }
        guard !answer.isTerminated else { throw .answered(.select, .terminated) }
    }

    /// Where the answer to SELECT did not tell, the related data do. That they tell nothing shows no other card.
    package func proveIdentity(_ transaction: OpenPGPTransaction) throws(CardError) {
        guard let applicationIdentifier else { return }
        let answer = Result { () throws(CardError) in try transaction.card.getData(.applicationRelatedData) }
        if case .failure(.answered(_, .securityStatusNotSatisfied)) = answer {
            // These are for everybody: it says nothing of a login.
            throw .malformed(.getData, "the card does not tell who it is")
        }
        let related = try answer.get().map { ApplicationRelatedData(parsing: $0) }
        guard let related, let told = try transaction.identifier(in: related) else {
            throw .malformed(.getData, "the card does not tell who it is")
        }
        guard told == applicationIdentifier else { throw .refused(.removed) }
        transaction.note(related)
    }

    /// Unlike SELECT it leaves the verified state alone that another program, such as scdaemon, may have at the card.
    package func isSelected(_ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        try transaction.readRelatedData() != nil
    }

    /// A terminated application told nothing of itself; one that was activated again does.
    package func begin(_ transaction: OpenPGPTransaction) throws(CardError) {
        let wasTerminated = withCache { cache in
            defer { cache.isTerminated = false }
            return cache.isTerminated
        }
        if wasTerminated { _ = try transaction.readRelatedData() }
    }

    /// Leaves the first certificate selected: programs that know of one certificate read whichever is.
    package func leave(_ transaction: OpenPGPTransaction, after error: CardError?) {
        if error?.status == .terminated { withCache { $0.isTerminated = true } }
        guard let selected = transaction.notes.occurrence, selected != 0 else { return }
        let hasLengthByte = withCache { $0.certificateSelection(at: transaction.now) } == .withLengthByte
        try? transaction.card.selectData(.certificate, occurrence: 0, hasLengthByte: hasLengthByte)
    }

    package var isOutOfService: Bool { withCache { $0.isTerminated } }
}

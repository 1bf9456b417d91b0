import CardApplication
import ISO7816
import Token

/// One transaction with the PIV application: knows whether it is surely selected, so that an answer is believed
/// only from the right application and a PIN never reaches another one.
final class PIVTransaction {
    let card: PIVCard
    /// Whether something in this transaction showed that the PIV application is the selected one. No other program
    /// can change that before the transaction ends.
    private(set) var isProven = false

    /// Whether this transaction selected the application. Only that is enough for a secret to be sent: what proves an
    /// answer, another application may hold too.
    private var isSelected = false

    /// Whether the login was restored in this transaction: what is refused after that is refused for good.
    private(set) var hasRestored = false

    /// When it began, in the token's milliseconds. What was read in it counts as read then, so that nothing is too old
    /// before the transaction ends.
    let now: Int

    init(_ exchange: CardExchange, now: Int) {
        card = PIVCard(exchange)
        self.now = now
    }

    var epoch: UInt64 { card.exchange.epoch }

    /// Selects the application unless this process selected it last and nothing is known to have changed that.
    func selectIfLost() throws(CardError) {
        if card.exchange.selectedApplication != PIVCard.applicationIdentifier { try select() }
    }

    /// Selects the application, unless this transaction did so, before a secret is sent to it.
    func selectForSecret() throws(CardError) {
        if !isSelected { try select() }
    }

    /// Selects the application after an answer that another one may have given. That counts as a loss of the
    /// card's security status, since nobody knows who verified what in between.
    func selectAgain() throws(CardError) {
        card.exchange.noteForeignSelection()
        try select()
    }

    /// Notes that the login was restored.
    func noteRestored() { hasRestored = true }

    /// Notes that a command of the PIV application succeeded that no other application has.
    func prove() { isProven = true }

    /// Reads a container; "not found" is believed only from the PIV application.
    func read(_ container: PIVContainer) throws(CardError) -> [UInt8]? {
        // What the card keeps behind the PIN is not for a trace.
        let isPrivate = PIVCatalogue.needsPIN(ObjectReference(.data, container.rawValue))
        return try believing { () throws(CardError) in try card.getData(container, secrecy: isPrivate ? .answer : []) }
    }

    /// Reads the metadata of a key; "no such key" is believed only from the PIV application.
    func readMetadata(_ key: PIVKeyReference) throws(CardError) -> KeyMetadata? {
        try believing { () throws(CardError) in try card.getMetadata(key) }
    }

    private func believing<R>(_ question: () throws(CardError) -> R?) throws(CardError) -> R? {
        var answer = try question()
        if answer == nil && !isProven {
            try selectAgain()
            answer = try question()
        }
        isProven = true
        return answer
    }

    private func select() throws(CardError) {
        _ = try card.select()
        isProven = true
        isSelected = true
    }
}

import CardApplication
import ISO7816

/// One transaction with the OpenPGP application: knows whether it is surely selected, so that an answer is believed only
/// from the right application and a PIN never reaches another one.
///
/// The proof is the application identifier, which GET DATA 6E holds: unlike SELECT it leaves the verified state alone
/// that another program, such as scdaemon, may have at the card. It is enough before VERIFY too: the identifier holds
/// this very card's serial number, and GET DATA is answered by the selected application, so no other one can give it.
final class OpenPGPTransaction {
    let card: OpenPGPCard
    /// Whether something in this transaction showed that the OpenPGP application is the selected one. No other program
    /// can change that before the transaction ends.
    private(set) var isProven = false
    /// Whether another application was found selected in this transaction: what was refused before that was its answer.
    private(set) var hasSelectedAgain = false
    /// Whether a login was restored in this transaction: what is refused after that is refused for good.
    private(set) var hasRestored = false
    /// Which of the cardholder certificates was selected in this transaction.
    private(set) var occurrence: UInt8?

    /// Whether VERIFY without data asks for the status: from version 3 on. What an older card makes of it nobody has
    /// written down.
    var tellsVerification: Bool { identifier.map { $0.version >= .three } ?? false }

    private let identifier: ApplicationIdentifier?
    private let note: (Reading) -> Void
    /// The state of the passwords as the card told it in this transaction, until one is verified.
    private var knownStatus: PasswordStatus?

    /// What a transaction reads on its way.
    enum Reading {
        /// What the card tells of itself.
        case related(ApplicationRelatedData)
        /// The state of the passwords alone.
        case passwords(PasswordStatus)
    }

    /// - Parameters:
    ///   - identifier: the card's own, where it has told it.
    ///   - note: is given what the card tells, whenever it is read.
    init(_ card: OpenPGPCard, _ identifier: ApplicationIdentifier?, note: @escaping (Reading) -> Void) {
        self.card = card
        self.identifier = identifier
        self.note = note
    }

    var epoch: UInt64 { card.exchange.epoch }

    /// Selects the application unless this process selected it last and nothing is known to have changed that.
    func selectIfLost() throws(CardError) {
        if card.exchange.selectedApplication != OpenPGPCard.applicationIdentifier { try select() }
    }

    /// Selects the application after an answer that another one gave. That counts as a loss of the card's security
    /// status, since nobody knows who verified what in between.
    func selectAgain() throws(CardError) {
        card.exchange.noteForeignSelection()
        hasSelectedAgain = true
        try select()
    }

    /// Makes sure that the application is selected.
    ///
    /// - Returns: whether it was already, so that what it has answered in this transaction holds.
    @discardableResult
    func prove() throws(CardError) -> Bool {
        if isProven { return true }
        if try readRelatedData() != nil { return true }
        try selectAgain()
        return false
    }

    /// Notes that a command of the OpenPGP application succeeded that no other application has.
    func noteProof() { isProven = true }

    /// Notes that a login was restored.
    func noteRestored() { hasRestored = true }

    /// What the card tells of itself; nil where it is not the OpenPGP application that answers, or not the same card's.
    func readRelatedData() throws(CardError) -> ApplicationRelatedData? {
        let answer: [UInt8]?
        do throws(CardError) {
            answer = try card.getData(.applicationRelatedData)
        } catch {
            guard error.isAnswer else { throw error }
            return nil
        }
        let related = answer.map { ApplicationRelatedData(parsing: $0) }
        guard let related, let identifier, related.identifier == identifier else { return nil }
        isProven = true
        knownStatus = related.passwordStatus
        note(.related(related))
        return related
    }

    /// The state of the passwords as it is now, with the application surely selected; nil where the card does not tell.
    func passwordStatus() throws(CardError) -> PasswordStatus? {
        try prove()
        if let knownStatus { return knownStatus }
        do throws(CardError) {
            knownStatus = try card.getData(.passwordStatus).flatMap { PasswordStatus(parsing: $0) }
        } catch {
            guard error.isAnswer, !card.exchange.mayComeOfReset(error.status) else { throw error }
        }
        if let knownStatus { note(.passwords(knownStatus)) }
        return knownStatus
    }

    /// Notes that the card must be asked anew for the state of the passwords.
    func forgetPasswordStatus() { knownStatus = nil }

    /// VERIFY, after which the card must be asked anew for the state of the passwords.
    func verify(_ mode: PasswordMode, password: RawSpan) throws(CardError) {
        forgetPasswordStatus()
        try card.verify(mode, password: password)
    }

    /// The same with what a person types on the reader. Not where the card wants it in another form than digits.
    func verifyOnReader(_ mode: PasswordMode) throws(CardError) {
        let lengths = try passwordStatus()?.lengths(mode.secret)
        forgetPasswordStatus()
        try card.verifyOnReader(mode, lengths: lengths ?? PasswordStatus.usualLengths(mode.secret))
    }

    /// Asks, and asks once more where there was no answer that could be believed and another application gave it.
    func believing<R>(_ question: () throws(CardError) -> R?) throws(CardError) -> R? {
        if let answer = try question() {
            isProven = true
            return answer
        }
        return try prove() ? nil : try question()
    }

    /// Notes which of the certificates is selected.
    func noteOccurrence(_ selected: UInt8) {
        occurrence = selected
        isProven = true
    }

    private func select() throws(CardError) {
        let answer = try card.select()
        occurrence = nil
        guard !answer.isTerminated else { throw .answered(.select, .terminated) }
        isProven = true
    }
}

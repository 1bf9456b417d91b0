import ISO7816

/// One transaction with a card application: knows whether it is surely selected, so that an answer is believed only from
/// the right application and a PIN never reaches another one.
package final class CardTransaction<Application: ApplicationToken> {
    /// See `ApplicationToken`.
    package typealias StepError = CommandError<Application.Commands.Command>

    /// The commands.
    package let card: Application.Commands
    /// What the application notes of it.
    package var notes = Application.Notes()
    /// When it began, in the token's milliseconds. What was read in it counts as read then, so that nothing is too old
    /// before the transaction ends.
    package let now: Int
    /// Whether something in this transaction showed that the application is the selected one. No other program can change
    /// that before the transaction ends.
    package private(set) var isProven = false
    /// Whether this transaction selected the application. Where what proves an answer another application may hold too,
    /// only that is enough for a secret to be sent.
    package private(set) var isSelected = false
    /// Whether a login was restored in this transaction: what is refused after that is refused for good.
    package private(set) var hasRestored = false
    /// Whether what was refused last was another application's answer, which is not selected any more.
    private(set) var wasAnothers = false
    /// Whether the card has shown in this transaction that it is the one that the token is of.
    private(set) var isIdentified = false
    /// Whether a key refused its use for want of a PIN: that counts more than what a query says of the PIN.
    package private(set) var isRefusedByKey = false
    /// Whether a kept PIN was sent though the card said that one is verified.
    private(set) var hasOverruledQuery = false
    package let application: Application

    package init(_ application: Application, _ exchange: CardExchange) {
        self.application = application
        card = application.commands(exchange)
        now = application.state.clock()
    }

    /// See `CardExchange`.
    package var epoch: UInt64 { card.exchange.epoch }

    /// Selects the application unless this process selected it last and nothing is known to have changed that.
    func selectIfLost() throws(StepError) {
        if card.exchange.selectedApplication != Application.applicationIdentifier { try select() }
    }

    /// Selects the application after an answer that another one may have given. That counts as a loss of the card's
    /// security status, since nobody knows who verified what in between.
    package func selectAgain() throws(StepError) {
        card.exchange.noteForeignSelection()
        try select()
    }

    /// Makes sure that a secret reaches the application.
    ///
    /// - Parameter isGiven: whether somebody has just given it, and nothing that was verified is needed with it: the
    ///   application is then selected by its name in this transaction, for what else proves it another one of the card may
    ///   have heard, and repeat.
    package func prepareForSecret(isGiven: Bool = true) throws(StepError) {
        if Application.isProvenBySelectAlone {
            if !isSelected { try select() }
        } else if !isGiven {
            try prove()
        } else if !isSelected {
            try selectAgain()
        }
    }

    /// Makes sure that the application is selected.
    ///
    /// - Returns: whether it was already, so that what it has answered in this transaction holds.
    @discardableResult
    package func prove() throws(StepError) -> Bool {
        if isProven { return true }
        if try application.isSelected(self) {
            isProven = true
            return true
        }
        try selectAgain()
        return false
    }

    /// The same after a refusal, which is asked for once more where it was another application's.
    package func proveRefusal() throws(StepError) -> Bool {
        let isOwn = try prove()
        wasAnothers = !isOwn
        return isOwn
    }

    /// Notes that a command of the application succeeded that no other application has.
    package func noteProof() { isProven = true }

    /// Notes that a login was restored.
    package func noteRestored() { hasRestored = true }

    /// Notes that the card has shown which one it is.
    package func noteIdentity() { isIdentified = true }

    /// Notes that a key wants a PIN, whatever the card says of it.
    func noteRefusalByKey() { isRefusedByKey = true }

    /// Notes that a kept PIN is sent though the card says that one is verified.
    func noteOverruledQuery() { hasOverruledQuery = true }

    /// Asks, and asks once more where there was no answer that could be believed and another application gave it.
    package func believing<R>(_ question: () throws(StepError) -> R?) throws(StepError) -> R? {
        if let answer = try question() {
            isProven = true
            return answer
        }
        return try prove() ? nil : try question()
    }

    /// Asks for an ability that not every card has. A refusal is believed once the application has shown that it is the
    /// selected one, before or after it, for nothing else is selected within a transaction; what another application refused
    /// is asked for anew.
    package func believingRefusal<R>(
        _ question: () throws(StepError) -> R
    ) throws(StepError) -> Result<R, StepError> {
        let first = Result { () throws(StepError) in try question() }
        guard case .failure(let error) = first, try isRefusal(error), try !proveByReading() else { return first }
        let second = Result { () throws(StepError) in try question() }
        if case .failure(let error) = second { _ = try isRefusal(error) }
        return second
    }

    /// Makes sure that the application is selected, without a SELECT where something that it holds shows that.
    ///
    /// - Returns: whether it was already.
    @discardableResult
    package func proveByReading() throws(StepError) -> Bool {
        if isProven { return true }
        guard try application.showsItself(self) else { return try prove() }
        isProven = true
        return true
    }

    /// - Throws: what no application has said.
    private func isRefusal(_ error: StepError) throws(StepError) -> Bool {
        guard error.isAnswer, !card.exchange.mayComeOfReset(error.status) else { throw error }
        return true
    }

    private func select() throws(StepError) {
        isIdentified = false
        try application.select(self)
        isProven = true
        isSelected = true
    }
}

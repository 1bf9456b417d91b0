import CardApplication
import ISO7816

/// One transaction with the OpenPGP application.
package typealias OpenPGPTransaction = CardTransaction<OpenPGPToken>

/// What is known as long as a transaction lasts.
package struct OpenPGPNotes: TransactionNotes {
    /// Which of the cardholder certificates was selected in this transaction.
    fileprivate(set) var occurrence: UInt8?
    /// The state of the passwords as the card told it in this transaction, until one is verified.
    fileprivate var status: PasswordStatus?
    /// Whether the card was asked for it alone.
    fileprivate var isAsked = false
    /// Whether the card has told of itself in this transaction.
    fileprivate var hasRelated = false
    /// What the card wants made of passwords. Another program may change that at any time, and a password in another form
    /// costs a try, so it is believed no longer than this transaction.
    var keyDerivation: KeyDerivation?

    package init() {}
}

extension CardTransaction<OpenPGPToken> {
    /// What the card tells of itself; nil where it is not the OpenPGP application that answers, or not the same card's.
    func readRelatedData() throws(CardError) -> ApplicationRelatedData? {
        let answer = Result { () throws(CardError) in try card.getData(.applicationRelatedData) }
        if case .failure(let error) = answer, error.isAnswer { return nil }
        let related = try answer.get().map { ApplicationRelatedData(parsing: $0) }
        guard let related, let told = try identifier(in: related), isOwn(told) else { return nil }
        note(related)
        return related
    }

    /// Makes sure that the card has told of itself in this transaction, however lately it did before: it is asked so before
    /// anything is replaced or deleted. That the application was just selected shows nothing of its keys.
    func refreshRelatedData() throws(CardError) {
        if notes.hasRelated { return }
        if try readRelatedData() != nil { return }
        try selectAgain()
        _ = try readRelatedData()
    }

    /// Who the card is, which some cards tell beside the related data alone.
    func identifier(in related: ApplicationRelatedData) throws(CardError) -> ApplicationIdentifier? {
        if let told = related.identifier { return told }
        guard application.withCache({ $0.isIdentifierApart }) else { return nil }
        return try card.getData(.applicationIdentifier).flatMap { ApplicationIdentifier(parsing: $0) }
    }

    /// Whether it is the token's card. One that told nothing, for it was terminated, is the one that tells after SELECT.
    private func isOwn(_ told: ApplicationIdentifier) -> Bool {
        if let known = application.applicationIdentifier { return told == known }
        guard isSelected, told.version >= .two else { return false }
        application.withCache { $0.identifier = told }
        return true
    }

    /// Takes in what this card tells of itself.
    func note(_ related: ApplicationRelatedData) {
        noteProof()
        noteIdentity()
        notes.status = related.passwordStatus
        notes.hasRelated = true
        application.withCache { $0.note(related, now) }
    }

    /// The state of the passwords as it is now, with the application surely selected; nil where the card does not tell.
    func passwordStatus() throws(CardError) -> PasswordStatus? {
        try prove()
        if notes.status != nil || notes.isAsked { return notes.status }
        let answer = Result { () throws(CardError) in try card.getData(.passwordStatus) }
        notes.isAsked = true
        if case .failure(let error) = answer, error.isAnswer, !card.exchange.mayComeOfReset(error.status) { return nil }
        notes.status = try answer.get().flatMap { PasswordStatus(parsing: $0) }
        if let status = notes.status { application.withCache { $0.note(status, now) } }
        return notes.status
    }

    /// Notes that the card must be asked anew for the state of the passwords.
    func forgetPasswordStatus() { (notes.status, notes.isAsked) = (nil, false) }

    /// Notes which of the certificates is selected.
    func noteOccurrence(_ selected: UInt8?) {
        notes.occurrence = selected
        if selected != nil { noteProof() }
    }
}

extension Card {
    /// Looks for an application in a transaction of its own. A card that knows no such name says so (6A82); whatever else
    /// went wrong may have been a fault, after which the application would be hidden for as long as the card is in the
    /// reader, so there is a second look.
    ///
    /// - Parameters:
    ///   - selectName: what errors of the application's SELECT call it.
    ///   - look: what is known of the application, or nil where it is not there.
    /// - Returns: nil where it is not there.
    package func application<R>(
        selectName: String, _ look: (CardExchange) throws(CardError) -> R?
    ) throws(CardError) -> R? {
        for isLast in [false, true] {
            switch Result(catching: { () throws(CardError) in try transaction(look) }) {
            case .success(let found?): return found
            case .success(nil): break
            case .failure(let error):
                if error.status == .notFound { return nil }
                guard isLast ? error.meansNoApplication(selectName) : error.mayBePassing else { throw error }
            }
        }
        return nil
    }
}

extension CardError {
    /// Whether an answer says that the card has no such application, and not that it failed for once.
    ///
    /// - Parameter selectName: what errors of the application's SELECT call it.
    package func meansNoApplication(_ selectName: String) -> Bool {
        switch cause {
        case .channel: false
        // Another application's name in the answer to SELECT; data that are no BER-TLV may be a fault.
        case .malformed: command == selectName
        case .status(let status): !status.isFailure
        }
    }

    /// Whether the same may work the next moment.
    fileprivate var mayBePassing: Bool {
        switch cause {
        case .status, .malformed: true
        case .channel(let error):
            switch error {
            case .transmissionFailed, .malformedAnswer, .answerTooLong: true
            case .removed, .readerUnavailable, .serviceUnavailable, .heldByAnother, .unresponsive, .serviceError: false
            }
        }
    }
}

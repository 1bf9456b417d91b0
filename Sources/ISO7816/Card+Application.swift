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
                switch error.meaning(selectName, isLast: isLast) {
                case .absence: return nil
                case .anotherLook: break
                case .failure: throw error
                }
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

    /// What an error means for the look: the application is not there, or may be seen the next moment, or it is told.
    fileprivate enum Meaning { case absence, anotherLook, failure }

    /// What the error means for a look that is the last one, or not.
    fileprivate func meaning(_ selectName: String, isLast: Bool) -> Meaning {
        switch cause {
        case .status(.notFound): .absence
        case .status, .malformed: !isLast ? .anotherLook : meansNoApplication(selectName) ? .absence : .failure
        case .channel(let error):
            switch error {
            case .transmissionFailed, .malformedAnswer, .answerTooLong: isLast ? .failure : .anotherLook
            case .removed, .readerUnavailable, .serviceUnavailable, .heldByAnother, .unresponsive, .serviceError:
                .failure
            }
        }
    }
}

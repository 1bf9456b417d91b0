extension Card {
    /// Looks for an application in a transaction of its own. A card that knows no such name says so (6A82); whatever else
    /// went wrong may have been a fault, after which the application would be hidden for as long as the card is in the
    /// reader, so there is a second look.
    ///
    /// - Parameters:
    ///   - selectName: what errors of the application's SELECT call it.
    ///   - look: whether the application is there. Who asks keeps what it found.
    package func lookForApplication(
        selectName: String, _ look: (CardExchange) throws(CardError) -> Bool
    ) throws(CardError) {
        for isFirst in [true, false] {
            do throws(CardError) {
                if try transaction(look) { return }
            } catch {
                switch error.meaning(selectName, isFirst: isFirst) {
                case .noApplication: return
                case .unclear: continue
                case .failure: throw error
                }
            }
        }
    }
}

extension CardError {
    /// What an error says of an application that was looked for.
    fileprivate enum Meaning { case noApplication, unclear, failure }

    fileprivate func meaning(_ selectName: String, isFirst: Bool) -> Meaning {
        switch cause {
        case .status(.notFound): .noApplication
        case .status, .malformed: isFirst ? .unclear : meansNoApplication(selectName) ? .noApplication : .failure
        case .channel(.transmissionFailed), .channel(.malformedAnswer), .channel(.answerTooLong):
            isFirst ? .unclear : .failure
        case .channel: .failure
        }
    }

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
}

import ISO7816

extension Card {
    /// Runs `body` while no other thread and no other program reaches the card: see `transaction`.
    public func commandTransaction<R, Command>(
        _ body: (CardExchange) throws(CommandError<Command>) -> R
    ) throws(CommandError<Command>) -> R {
        let outcome = Result { () throws(ChannelError) in
            try transaction { exchange in Result { () throws(CommandError<Command>) in try body(exchange) } }
        }
        switch outcome {
        case .success(let result): return try result.get()
        case .failure(let error): throw .channel(nil, error)
        }
    }

    /// Looks for an application in a transaction of its own. A card that knows no such name says so (6A82); whatever else
    /// went wrong may have been a fault, after which the application would be hidden for as long as the card is in the
    /// reader, so there is a second look.
    ///
    /// - Returns: what `look` found, or nil where the card has no such application.
    public func lookForApplication<Found, Command>(
        _ look: (CardExchange) throws(CommandError<Command>) -> Found?
    ) throws(CommandError<Command>) -> Found? {
        var isFirst = true
        while true {
            let outcome = Result { () throws(CommandError<Command>) in try commandTransaction(look) }
            switch outcome {
            case .success(let found?): return found
            case .success(nil): break
            case .failure(let error):
                switch error {
                case .answered(_, .notFound): return nil
                case .answered, .malformed:
                    if !isFirst { return error.meansNoApplication ? nil : try outcome.get() }
                case .channel(_, .transmissionFailed), .channel(_, .malformedAnswer), .channel(_, .answerTooLong):
                    if !isFirst { return try outcome.get() }
                case .channel, .refused: return try outcome.get()
                }
            }
            guard isFirst else { return nil }
            isFirst = false
        }
    }
}

extension CardExchange {
    /// Runs `body`, and once more where the card forgot its state in the meantime by the reset that the transaction began
    /// with the news of.
    public func outlastingReset<R, Command>(
        _ body: () throws(CommandError<Command>) -> R
    ) throws(CommandError<Command>) -> R {
        let outcome = Result { () throws(CommandError<Command>) in try body() }
        guard case .failure(let error) = outcome, mayComeOfReset(error.status) else { return try outcome.get() }
        noteReset()
        return try body()
    }
}

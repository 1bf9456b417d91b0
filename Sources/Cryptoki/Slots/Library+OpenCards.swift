import Token

/// Opening the cards in the readers.
extension Library {
    /// The token in a slot; opens the card where nobody has done so.
    ///
    /// - Parameter isPatient: whether to wait, for a bounded time, while another program has the card for itself. Once
    ///   that was in vain, the next calls do not wait for some seconds.
    func token(in slot: Slot, isPatient: Bool = true) throws(ReturnCode) -> any Token {
        try slot.reader.opening.withLock { (turn) throws(ReturnCode) in try open(slot, isPatient: isPatient, &turn) }
        guard let token = tables.withLock({ $0.token(in: slot) }) else { throw .tokenNotPresent }
        return token
    }

    private func open(_ slot: Slot, isPatient: Bool, _ turn: inout OpeningTurn) throws(ReturnCode) {
        let reader = slot.reader
        let (known, isMissing) = tables.withLock { ($0[reader], $0.token(in: slot) == nil) }
        guard let insertion = known.insertion else {
            log.noCard(slot)
            throw .tokenNotPresent
        }
        guard known.contents == nil else {
            if isMissing { lookAgain(in: reader, &turn) }
            return
        }
        let now = clock()
        if let failure = known.failure, failure.isFinal(at: now) { throw ReturnCode(opening: failure.error) }
        let opened = Result { () throws(TokenError) in try source.openCard(in: reader.name, isPatient: false) }
        guard case .failure(.heldByAnother) = opened, isPatient, known.failure?.exhaustsPatience(at: now) != true else {
            return try take(opened, insertion, for: slot, hasWaited: false, &turn)
        }
        // Told before the wait begins: nobody has to wait behind it.
        try? take(opened, insertion, for: slot, hasWaited: false, &turn)
        let patiently = Result { () throws(TokenError) in try source.openCard(in: reader.name, isPatient: true) }
        try take(patiently, insertion, for: slot, hasWaited: true, &turn)
    }

    /// Notes what opening a card brought. A card that was changed meanwhile is opened again by the next call.
    private func take(
        _ opened: Result<CardContents, TokenError>, _ insertion: UInt64, for slot: Slot, hasWaited: Bool,
        _ turn: inout OpeningTurn
    ) throws(ReturnCode) {
        let (reader, now) = (slot.reader, clock())
        let (known, ended) = tables.withLock { tables -> (OpeningFailure?, [AnyObject]) in
            let known = tables[reader].failure
            guard tables[reader].insertion == insertion else { return (known, []) }
            switch opened {
            case .success(let contents):
                tables.open(reader, contents, at: now, loginServesEachUse: loginServesEachUse)
            case .failure(.removed): return (known, tables.empty(reader, insertion: nil))
            case .failure(let error):
                let failure = OpeningFailure(error: error, time: now, hasWaited: hasWaited)
                tables[reader].failure = known?.followed(by: failure) ?? failure
            }
            return (known, [])
        }
        withExtendedLifetime(ended) {}
        if case .failure(let error) = opened {
            // A program that polls does not fill the log.
            if error != known?.error { log.error(error, during: "opening the card", slot: slot) }
            throw ReturnCode(opening: error)
        }
    }

    /// Opens every card that nobody has opened: only then is it known how many tokens it carries. Does not wait for
    /// another program that has a card for itself. On open cards the applications that did not answer are looked for
    /// again.
    func openNewCards() {
        let (unopened, held, readers) = tables.withLock { tables in
            let unopened = tables.slots.map(\.slot).filter {
                $0.ordinal == 0 && tables[$0.reader].insertion != nil && tables[$0.reader].contents == nil
            }
            let held = unopened.filter { tables[$0.reader].failure?.error == .heldByAnother }
            return (unopened, held, tables.readers.map(\.reader))
        }
        // A card that cannot be opened keeps its slot, and C_GetTokenInfo tells why. Where a thread waits for one that
        // another program holds, there is nothing new to be learnt of it.
        for slot in unopened {
            guard held.contains(where: { $0 === slot }) else {
                _ = try? token(in: slot, isPatient: false)
                continue
            }
            _ = slot.reader.opening.withLockIfFree { try? open(slot, isPatient: false, &$0) }
        }
        for reader in readers { _ = reader.opening.withLockIfFree { lookAgain(in: reader, &$0) } }
    }

    /// Looks for applications that did not answer, unless that was tried within the last seconds.
    private func lookAgain(in reader: CardReader, _ turn: inout OpeningTurn) {
        let now = clock()
        let known = tables.withLock { $0[reader] }
        guard var contents = known.contents, !contents.isComplete, now - known.lastLook >= OpeningFailure.lifetime
        else {
            return
        }
        contents.lookAgain()
        tables.withLock { tables in
            guard tables[reader].insertion == known.insertion, tables[reader].contents != nil else { return }
            tables.complete(reader, contents, at: now)
        }
    }
}

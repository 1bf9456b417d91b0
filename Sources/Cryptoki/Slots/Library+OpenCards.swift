import Token

/// Opening the cards in the readers.
extension Library {
    /// The token in a slot; opens the card where nobody has done so.
    ///
    /// - Parameter isPatient: whether to wait, for a bounded time, while another program has the card for itself. Once
    ///   that was in vain, the next calls do not wait for some seconds.
    func token(in slot: Slot, isPatient: Bool = true) throws(ReturnCode) -> any Token {
        let reader = slot.reader
        try reader.openLock.withLock { () throws(ReturnCode) in
            let (isOpen, isMissing, insertion, failure) = lock.withLock {
                (reader.contents != nil, slot.token == nil, reader.insertion, reader.failure)
            }
            guard let insertion else {
                log.noCard(slot)
                throw .tokenNotPresent
            }
            guard !isOpen else {
                if isMissing { lookAgain(in: reader) }
                return
            }
            let now = clock()
            if let failure, failure.isFinal(at: now) { throw ReturnCode(opening: failure.error) }
            let waits = isPatient && failure?.exhaustsPatience(at: now) != true
            let opened = Result { () throws(TokenError) in try source.openCard(in: reader.name, isPatient: waits) }
            try take(opened, of: reader, insertion, for: slot, hasWaited: waits)
        }
        guard let token = lock.withLock({ slot.token }) else { throw .tokenNotPresent }
        return token
    }

    /// Notes what opening a card brought. A card that was changed meanwhile is opened again by the next call.
    private func take(
        _ opened: Result<CardContents, TokenError>, of reader: CardReader, _ insertion: UInt64, for slot: Slot,
        hasWaited: Bool
    ) throws(ReturnCode) {
        let known = lock.withLock { reader.failure }
        let ended = lock.withLock { () -> [AnyObject] in
            guard reader.insertion == insertion else { return [] }
            switch opened {
            case .success(let contents):
                reader.contents = contents
                reader.lastLook = clock()
                reader.failure = nil
                for ordinal in contents.tokens.indices.dropFirst()
                where !slots.contains(where: { $0.reader === reader && $0.ordinal == ordinal }) {
                    addSlot(reader, ordinal: ordinal)
                }
                if reader.isNews {
                    for slot in slots where slot.reader === reader && slot.ordinal > 0 && slot.hasToken {
                        slot.hasEvent = true
                    }
                }
                reader.isNews = false
            case .failure(.removed): return emptied(reader, insertion: nil)
            case .failure(let error):
                let failure = OpeningFailure(error: error, time: clock(), hasWaited: hasWaited)
                reader.failure = known?.followed(by: failure) ?? failure
            }
            return []
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
        let unopened = lock.withLock {
            slots.filter { $0.ordinal == 0 && $0.reader.insertion != nil && $0.reader.contents == nil }
        }
        // A card that cannot be opened keeps its slot, and C_GetTokenInfo tells why.
        for slot in unopened { _ = try? token(in: slot, isPatient: false) }
        for reader in lock.withLock({ readers }) { reader.openLock.withLock { lookAgain(in: reader) } }
    }

    /// Looks for applications that did not answer, unless that was tried within the last seconds. The reader's open lock
    /// is held.
    private func lookAgain(in reader: CardReader) {
        let now = clock()
        let (known, insertion) = lock.withLock { (reader.contents, reader.insertion) }
        guard var contents = known, !contents.isComplete, now - reader.lastLook >= OpeningFailure.lifetime else {
            return
        }
        contents.lookAgain()
        lock.withLock {
            guard reader.insertion == insertion, reader.contents != nil else { return }
            let missing = slots.filter { $0.reader === reader && !$0.hasToken }
            reader.contents = contents
            reader.lastLook = now
            for slot in missing where slot.hasToken { slot.hasEvent = true }
        }
    }
}

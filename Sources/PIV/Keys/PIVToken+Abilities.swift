import CardApplication
import ISO7816
import Keys
import Token

/// What a card can do beside the specification: learnt from it when it is first wanted, so that a YubiKey behind a reader
/// that damages its answer to reset, and another maker's card with Yubico's commands, are served as one.
extension PIVToken {
    /// See `Token`: GET VERSION (Yubico), which `information` does not spend a command on.
    public func firmware() throws(TokenError) -> TokenInformation.Version? {
        try firmwareAsked()?.version
    }

    /// Whether the card has Yubico's commands: it tells a version.
    func extendsPIV() throws(TokenError) -> Bool {
        try firmwareAsked() != nil
    }

    /// See `Token`. Cards with GET METADATA are newer; others do not tell whether a key was made or brought.
    public func isKnownWeak(_ key: ObjectReference) throws(TokenError) -> Bool {
        guard withCache({ $0.hasMetadata }) != true, case .rsa = try publicKey(of: PIVKeyReference(key)) else {
            return false
        }
        return try firmwareAsked()?.makesWeakRSAKeys ?? false
    }

    /// The firmware whose abilities the card can be believed to have; nil where it has none of Yubico's. A card that lists its
    /// algorithms is no YubiKey (Nitrokey 3 says 06.06.06), nor is one that says 5.7.0 and does not call itself one (CanoKey):
    /// of those it is not the version that counts. There are YubiKeys of 5.7.0, too: the name alone tells them from the others.
    func believedFirmware(_ transaction: PIVTransaction) throws(CardError) -> FirmwareVersion? {
        believed(try firmware(transaction))
    }

    /// The same outside of a transaction.
    func believedFirmware() throws(TokenError) -> FirmwareVersion? { believed(try firmwareAsked()) }

    private func believed(_ version: FirmwareVersion?) -> FirmwareVersion? {
        guard let version else { return nil }
        return isAnothers(version) ? FirmwareVersion(5, 4) : version
    }

    private func isAnothers(_ version: FirmwareVersion) -> Bool {
        withCache { !$0.properties.algorithms.isEmpty } || version == FirmwareVersion(5, 7, 0) && yubiKeyModel == nil
    }

    /// See `Token`.
    public func mayHave(_ algorithm: KeyType, at key: ObjectReference) throws(TokenError) -> Bool {
        _ = try place(key)
        guard let algorithm = PIVAlgorithm(algorithm) else { return false }
        return try mayHave(algorithm)
    }

    /// Whether it is worth trying: what the card is known to have, or, on one with Yubico's commands whose version says
    /// nothing, what it has not refused yet. A refusal takes nothing away.
    func mayHave(_ algorithm: PIVAlgorithm, isNew: Bool = false) throws(TokenError) -> Bool {
        if try choices(isNew: isNew).contains(algorithm) { return true }
        let version = try firmwareAsked()
        guard let version, isAnothers(version) else { return false }
        return PIVAlgorithm.names[algorithm] != nil && withCache { !$0.refusedAlgorithms.contains(algorithm) }
    }

    /// Notes that the card has not an algorithm, where that is what it says of a place that every card has.
    func noting<R>(
        _ algorithm: PIVAlgorithm, at key: PIVKeyReference, _ body: () throws(TokenError) -> R
    ) throws(TokenError) -> R {
        let outcome = Result { () throws(TokenError) in try body() }
        if case .failure(.algorithmNotSupported) = outcome, PIVKeyReference.everyCards.contains(key) {
            withCache { _ = $0.refusedAlgorithms.insert(algorithm) }
        }
        return try outcome.get()
    }

    /// Whether MOVE KEY is worth trying: YubiKeys have it from firmware 5.7 on, and CanoKey too.
    func mayMoveKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        guard let version = try firmware(transaction), withCache({ !$0.moves.isRefused(at: transaction.now) }) else {
            return false
        }
        return isAnothers(version) ? withCache { $0.hasMetadata } != false : version >= FirmwareVersion(5, 7)
    }

    /// What GET VERSION tells. No transaction is begun where nobody needs to ask: Java wants to know of each mechanism what the
    /// card can do.
    private func firmwareAsked() throws(TokenError) -> FirmwareVersion? {
        let now = state.clock()
        if case let known = withCache({ $0.firmware }), known.isKnown(at: now) { return known.value }
        return try perform { (transaction) throws(CardError) in try firmware(transaction) }
    }

    /// The same in a transaction: asked once; nil where the card has no such command.
    func firmware(_ transaction: PIVTransaction) throws(CardError) -> FirmwareVersion? {
        let known = withCache { $0.firmware }
        guard !known.isKnown(at: transaction.now) else { return known.value }
        switch try transaction.believingRefusal({ () throws(CardError) in try transaction.card.getVersion() }) {
        case .success(let version):
            withCache { $0.firmware.note(version) }
            return version
        case .failure:
            withCache { $0.firmware.noteRefusal(at: transaction.now) }
            return nil
        }
    }
}

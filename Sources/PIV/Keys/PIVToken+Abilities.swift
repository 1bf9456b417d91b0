import CardApplication
import ISO7816
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
        let isAnothers =
            withCache { !$0.properties.algorithms.isEmpty }
            || version == FirmwareVersion(5, 7, 0) && yubiKeyModel == nil
        return isAnothers ? FirmwareVersion(5, 4) : version
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

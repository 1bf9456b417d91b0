import CardApplication
import ISO7816
import Token

/// What a card can do beside the specification: learnt from it when it is first wanted, so that a YubiKey behind a reader
/// that damages its answer to reset, and another maker's card with Yubico's commands, are served as one.
extension PIVToken {
    /// See `Token`: GET VERSION (Yubico), which `information` does not spend a command on.
    public func firmware() throws(TokenError) -> TokenInformation.Version? {
        try perform { (transaction) throws(CardError) in try firmware(transaction) }.map {
            TokenInformation.Version(major: $0.major, minor: $0.minor)
        }
    }

    /// Whether the card has Yubico's commands: it tells a version.
    func extendsPIV() throws(TokenError) -> Bool {
        if isYubiKey { return true }
        return try perform { (transaction) throws(CardError) in try firmware(transaction) != nil }
    }

    /// The firmware whose abilities the card can be believed to have; nil where it has none of Yubico's. A card that lists its
    /// algorithms is no YubiKey (Nitrokey 3 says 06.06.06), nor is one that says 5.7.0 and does not call itself one (CanoKey):
    /// of those it is not the version that counts.
    func believedFirmware(_ transaction: PIVTransaction) throws(CardError) -> FirmwareVersion? {
        guard let version = try firmware(transaction) else { return nil }
        if isYubiKey { return version }
        let listsAlgorithms = withCache { !$0.properties.algorithms.isEmpty }
        return listsAlgorithms || version == FirmwareVersion(5, 7, 0) ? FirmwareVersion(5, 4) : version
    }

    /// What GET VERSION tells, asked once; nil where the card has no such command.
    private func firmware(_ transaction: PIVTransaction) throws(CardError) -> FirmwareVersion? {
        if let known = withCache({ $0.firmware }) { return known }
        do throws(CardError) {
            let version = try transaction.card.getVersion()
            withCache { $0.firmware = .some(version) }
            return version
        } catch {
            guard error.isAnswer, transaction.isProven, !transaction.card.exchange.mayComeOfReset(error.status) else {
                throw error
            }
            // What was refused for once may be told the next time.
            if error.isUnknownCommand { withCache { $0.firmware = .some(nil) } }
            return nil
        }
    }
}

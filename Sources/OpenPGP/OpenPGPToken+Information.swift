import CardApplication
import HostCrypto
import ISO7816
import Token

/// Who the card is.
extension OpenPGPToken {
    /// See `Token`. The label is the one that OpenSC gives the slot with most of the keys: token URIs that name it go
    /// on working, and there is only one slot here.
    public func information() throws(TokenError) -> TokenInformation {
        let status = withCache { $0.passwordStatus }
        var fields = TokenInformation(
            label: "OpenPGP card (User PIN)", manufacturer: "unknown", model: "OpenPGP card", serialNumber: "",
            pinLengths: status?.lengths(.user) ?? PasswordStatus.usualLengths(.user),
            administratorSecretLengths: status?.lengths(.administrator)
                ?? PasswordStatus.usualLengths(.administrator),
            holdsKeys: try holdsKeys())
        if let applicationIdentifier {
            fields.manufacturer = applicationIdentifier.manufacturer.name
            fields.model = "OpenPGP card \(applicationIdentifier.version)"
            fields.serialNumber = applicationIdentifier.fullSerialNumber
            if let firmware = try yubiKeyFirmware() { fields.firmwareVersion = firmware.version }
        }
        if state.identity == .opensc {
            fields.manufacturer = applicationIdentifier?.manufacturer.openscName ?? "OpenPGP project"
            fields.model = "PKCS#15 emulated"
        }
        return fields
    }

    /// See `Token`: GET CHALLENGE, where the extended capabilities tell of it. To select the application for it would cost
    /// the login of the card's other one.
    public func randomBytes(atMost count: Int) throws(TokenError) -> [UInt8] {
        let capabilities = withCache { $0.related.value.capabilities }
        guard let capabilities, capabilities.features.contains(.getChallenge) else { return [] }
        let count = min(count, capabilities.maximumChallenge)
        guard count > 0 else { return [] }
        let answer = Result { () throws(ChannelError) in
            try state.card.transactionIfFree { exchange in
                Result { () throws(CardError) in
                    guard exchange.selectedApplication == OpenPGPCard.applicationIdentifier else { return [UInt8]() }
                    return try OpenPGPCard(exchange).getChallenge(count: count)
                }
            }
        }
        let bytes = try answer.mapError { CardError.channel(nil, $0).tokenError }.get()
        return try bytes?.mapError { $0.tokenError }.get() ?? []
    }

    /// Whether there is a key: the card tells (DE), or somebody stored a fingerprint of one, or one was found. That there
    /// is none is believed for some seconds only, and then asked anew.
    private func holdsKeys() throws(TokenError) -> Bool {
        let (isKnown, isFresh, isTerminated) = withCache {
            ($0.holdsKeys, $0.related.isFresh(at: now), $0.isTerminated)
        }
        if isKnown || isFresh || isTerminated { return isKnown }
        try perform { (transaction) throws(CardError) in try transaction.refreshRelatedData() }
        return withCache { $0.holdsKeys }
    }

    /// See `Token`: YubiKeys 4.2.0 to 4.3.4, which do not tell whether a key was made or brought.
    public func isKnownWeak(_ key: ObjectReference) throws(TokenError) -> Bool {
        guard let info = try? subjectPublicKeyInfo(of: key),
            case .rsa? = try? PublicKey(subjectPublicKeyInfo: info)
        else { return false }
        return try yubiKeyFirmware()?.makesWeakRSAKeys ?? false
    }

    /// The firmware of a YubiKey, read once; that it is not told is believed for some seconds. Other cards have no way to tell.
    func yubiKeyFirmware() throws(TokenError) -> FirmwareVersion? {
        guard applicationIdentifier?.manufacturer == .yubico, !withCache({ $0.isTerminated }) else { return nil }
        if let known = withCache({ $0.firmware }), known.value != nil || known.isFresh(at: now) {
            return known.value
        }
        let version = try perform { (transaction) throws(CardError) -> FirmwareVersion? in
            do throws(CardError) {
                return try transaction.card.getVersion()
            } catch {
                guard error.isAnswer, transaction.isProven else { throw error }
                return nil
            }
        }
        withCache { $0.firmware = Reading(version, at: now) }
        return version
    }
}

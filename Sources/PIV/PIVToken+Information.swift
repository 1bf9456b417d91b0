import HostCrypto
import ISO7816
import Token

/// Who the card is.
extension PIVToken {
    /// See `Token`. The label is the common name of the first certificate that can be read, as OpenSC's is.
    public func information() throws(TokenError) -> TokenInformation {
        if let known = withCache({ $0.information }) { return known }
        let information = try perform { (transaction) throws(CardError) in
            let version = try firmwareVersion(transaction)
            var fields = TokenInformation(
                label: try commonName(transaction) ?? "PIV_II", manufacturer: "Unknown", model: "PIV",
                serialNumber: try serialNumber(transaction), pinLengths: Self.pinLengths)
            if let version {
                fields.firmwareVersion = .init(major: version[0], minor: version[1])
                fields.manufacturer = "Yubico"
                fields.model = "YubiKey \(version[0]) PIV"
            } else if let label = withCache({ $0.properties?.label }), !label.isEmpty {
                fields.model = label
            }
            if identity == .opensc {
                fields.manufacturer = "piv_II"
                fields.model = "PKCS#15 emulated"
            }
            return fields
        }
        withCache { $0.information = information }
        return information
    }

    /// The firmware of a YubiKey, read once; nil for another card.
    func firmwareVersion(_ transaction: PIVTransaction) throws(CardError) -> [UInt8]? {
        guard isYubiKey else { return nil }
        if let known = withCache({ $0.version }) { return known }
        let version = try transaction.card.getVersion()
        transaction.prove()
        withCache { $0.version = version }
        return version
    }

    private func serialNumber(_ transaction: PIVTransaction) throws(CardError) -> String {
        let identifier = try container(.cardholderUniqueIdentifier, transaction)
        if let serial = identifier.flatMap({ CardholderUniqueIdentifier(parsing: $0).serialNumber }) { return serial }
        // A YubiKey fresh from the factory has no CHUID. One before firmware 5 tells its number to nobody here.
        guard isYubiKey else { return "" }
        do throws(CardError) {
            return String(try transaction.card.getSerial())
        } catch {
            guard error.status != nil, transaction.isProven else { throw error }
            return ""
        }
    }

    private func commonName(_ transaction: PIVTransaction) throws(CardError) -> String? {
        for key in [PIVKeyReference.authentication, .signature, .keyManagement, .cardAuthentication] {
            if let name = try certificate(of: key, transaction)?.commonName, !name.isEmpty {
                return String(name.map { $0 == ":" ? "." : $0 })
            }
        }
        return nil
    }
}

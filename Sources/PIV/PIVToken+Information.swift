import CardApplication
import HostCrypto
import ISO7816
import Token

/// Who the card is.
extension PIVToken {
    /// See `Token`. The label is the common name of the first certificate that can be read, as OpenSC's is.
    ///
    /// Label and serial number stay what they first were, as long as the card is in and not reset: sessions and `pkcs11:`
    /// URIs of a running program hold them. The first key that a YubiKey from the factory is given brings a CHUID, whose
    /// number the next program sees in the place of the YubiKey's own. The firmware is told once somebody has asked the card for
    /// what depends on it: to ask for it alone would cost every program a command.
    public func information() throws(TokenError) -> TokenInformation {
        var fields = try identification()
        if let version = withCache({ $0.firmware.value }) {
            fields.firmwareVersion = version.version
        }
        return fields
    }

    private func identification() throws(TokenError) -> TokenInformation {
        let now = state.clock()
        let known = withCache { $0.information }
        let isWhole = withCache { $0.isInformationWhole }
        if let known, case let fields = known.value, fields.holdsKeys && isWhole || known.isFresh(at: now) {
            return fields
        }
        let information = try perform { (transaction) throws(CardError) in
            // What the card refused when it was first asked is asked again.
            if var fields = known?.value, isWhole {
                // Somebody may have made one since. The label stays what it was all the same.
                _ = try commonName(transaction)
                fields.holdsKeys = try holdsKeys(transaction)
                return fields
            }
            var fields = TokenInformation(
                label: try label(transaction), manufacturer: "Unknown", model: "PIV",
                serialNumber: try serialNumber(transaction), pinLengths: Self.pinLengths,
                administratorSecretLengths: Self.administratorSecretLengths,
                holdsKeys: try holdsKeys(transaction))
            if let yubiKeyModel {
                fields.manufacturer = "Yubico"
                fields.model = "YubiKey \(yubiKeyModel) PIV"
            } else if case let label = withCache({ $0.properties.label }), !label.isEmpty {
                fields.model = label
            }
            if state.identity == .opensc {
                fields.manufacturer = "piv_II"
                fields.model = "PKCS#15 emulated"
            }
            return fields
        }
        withCache {
            $0.information = Reading(information, at: now)
            $0.noteInformationWhole()
        }
        return information
    }

    /// The common name of the first certificate that can be read. OpenSC shows colons, and cuts what is longer than the
    /// field, with three dots behind it.
    private func label(_ transaction: PIVTransaction) throws(CardError) -> String {
        if state.identity == .card {
            let serial = try serialNumber(transaction)
            return serial.isEmpty ? "PIV_II" : "PIV \(serial)"
        }
        guard let name = try commonName(transaction) else { return "PIV_II" }
        guard state.identity == .opensc else { return String(name.map { $0 == ":" ? "." : $0 }) }
        guard name.utf8.count > 32 else { return name }
        var cut = ""
        for character in name {
            guard cut.utf8.count + character.utf8.count <= 29 else { break }
            cut.append(character)
        }
        return cut + "..."
    }

    private func serialNumber(_ transaction: PIVTransaction) throws(CardError) -> String {
        // Some programs give the card a new GUID with each certificate (ykman).
        if state.identity == .card {
            if let number = try ownNumber(transaction) { return String(number) }
            withCache {
                $0.notices.note(
                    "this PIV card tells no number that lasts: its serial number is that of its CHUID, which a program may "
                        + "write anew")
            }
        }
        let identifier = try readable(transaction) { () throws(CardError) -> [UInt8]? in
            try container(.cardholderUniqueIdentifier, transaction)
        }
        let isNoted = withCache { $0.identity != nil }
        if let serial = identifier.flatMap({ CardholderUniqueIdentifier(parsing: $0).serialNumber }) {
            if !isNoted { noteIdentity(identifier) }
            return serial
        }
        let number = try ownNumber(transaction)
        if !isNoted { noteIdentity(identifier, serialNumber: number) }
        return number.map { String($0) } ?? ""
    }

    /// The number that the card itself tells: the one that is printed on a YubiKey from firmware 5 on. All of Nitrokey 3 tell
    /// the same one (piv-authenticator).
    func ownNumber(_ transaction: PIVTransaction) throws(CardError) -> UInt32? {
        let number = try readable(transaction) { () throws(CardError) in try transaction.card.getSerial() }
        return number == 0x0052_F743 || number == 0 ? nil : number
    }

    private func commonName(_ transaction: PIVTransaction) throws(CardError) -> String? {
        for key in PIVKeyReference.everyCards {
            let certificate = try readable(transaction) { () throws(CardError) -> Certificate? in
                try self.certificate(of: key, transaction)
            }
            if let name = certificate?.commonName, !name.isEmpty { return name }
        }
        return nil
    }

    /// A certificate speaks for its key; only where there is none is the card asked for keys.
    private func holdsKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        for key in PIVKeyReference.everyCards where withCache({ $0.belief(in: key).isThere }) { return true }
        for key in PIVKeyReference.everyCards {
            let metadata = try readable(transaction) { () throws(CardError) -> KeyMetadata? in
                try self.metadata(of: key, transaction)
            }
            if metadata?.tellsKey == true { return true }
        }
        return false
    }
}

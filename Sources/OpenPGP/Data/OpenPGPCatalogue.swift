import CardApplication
import Token

/// All objects that an OpenPGP application can hold, with the labels and ids that people's configurations name. They are
/// OpenSC's (`pkcs15-openpgp.c`), so that whoever moves from it keeps what is configured.
enum OpenPGPCatalogue {
    /// Who may read or write a data object (OpenPGP card 3.4.1, section 4.4.1; section 4.4.2 for 0101 to 0104).
    enum Permission: Hashable {
        /// Everybody.
        case none
        /// Who has verified PW1 in mode 82.
        case user
        /// Who has verified PW3.
        case administrator
    }

    /// Certificates, public keys, private keys, the AES key, then data objects.
    ///
    /// - Parameters:
    ///   - hasThreeCertificates: whether the card has a certificate for each key, and not the one for authentication
    ///     alone, as before version 3.
    ///   - hasSymmetricKey: whether the card is of a kind that has an AES key.
    ///   - attestsKeys: whether it has an attestation key.
    static func descriptions(
        hasThreeCertificates: Bool, hasSymmetricKey: Bool, attestsKeys: Bool
    ) -> [ObjectDescription] {
        OpenPGPKey.allCases.map { certificate($0, isWritable: hasThreeCertificates || $0 == .authentication) }
            + OpenPGPKey.allCases.map { publicKey($0) } + OpenPGPKey.allCases.map { privateKey($0) }
            + (hasSymmetricKey ? [symmetricKeyDescription] : []) + privateUse
            + (attestsKeys ? [attestationDescription] : [])
    }

    /// The certificate of a YubiKey's attestation key, by the tag that it is read from.
    static let attestationCertificate = ObjectReference(.certificate, DataObject.attestationCertificate.rawValue)

    /// Its id is the reference of the key (Yubico, "OpenPGP Attestation").
    private static let attestationDescription = ObjectDescription(
        attestationCertificate, label: "ATT certificate", id: [0x81])

    /// The AES key, by the tag that it is written to.
    static let symmetricKey = ObjectReference(.secretKey, 0xD5)

    /// OpenSC does not show it; its id follows the other keys'.
    private static let symmetricKeyDescription = ObjectDescription(
        symmetricKey, label: "AES key", id: [4], isPrivate: true)

    /// Who may read a data object.
    static func readAccess(_ object: DataObject) -> Permission {
        switch object.rawValue {
        case 0x0103: .user
        case 0x0104: .administrator
        default: .none
        }
    }

    /// Who may write a data object.
    static func writeAccess(_ object: DataObject) -> Permission {
        switch object.rawValue {
        case 0x0101, 0x0103: .user
        default: .administrator
        }
    }

    private static let privateUse = DataObject.privateUse.map {
        let name = "PrivDO\($0.rawValue & 0x0F)"
        return ObjectDescription(
            ObjectReference(.data, $0.rawValue), label: name, isPrivate: readAccess($0) != .none, isWritable: true,
            application: name)
    }

    private static func certificate(_ key: OpenPGPKey, isWritable: Bool) -> ObjectDescription {
        let label =
            switch key {
            case .signature: "SIG certificate"
            case .decryption: "DEC certificate"
            case .authentication: "AUT certificate"
            }
        return ObjectDescription(
            ObjectReference(.certificate, UInt32(key.rawValue)), label: label, id: key.identifier,
            isWritable: isWritable)
    }

    private static func publicKey(_ key: OpenPGPKey) -> ObjectDescription {
        ObjectDescription(
            ObjectReference(.publicKey, UInt32(key.rawValue)), label: keyLabel(key), id: key.identifier)
    }

    private static func privateKey(_ key: OpenPGPKey) -> ObjectDescription {
        ObjectDescription(
            ObjectReference(.privateKey, UInt32(key.rawValue)), label: keyLabel(key), id: key.identifier,
            isPrivate: true)
    }

    private static func keyLabel(_ key: OpenPGPKey) -> String {
        switch key {
        case .signature: "Signature key"
        case .decryption: "Encryption key"
        case .authentication: "Authentication key"
        }
    }
}

extension OpenPGPCatalogue.Permission {
    /// What the card must have verified.
    var access: Access {
        switch self {
        case .none: .none
        case .user: .login(.user)
        case .administrator: .login(.administrator)
        }
    }
}

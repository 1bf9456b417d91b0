import Token

/// All objects that a PIV application can hold, with the labels and ids that people's configurations name. They are
/// OpenSC's (`pkcs15-piv.c`), so that whoever moves from it keeps what is configured.
enum PIVCatalogue {
    /// Certificates, public keys, private keys, then data objects.
    static let descriptions: [ObjectDescription] =
        keys.map { certificate($0) } + keyPlaces.map { publicKey($0) } + keyPlaces.map { privateKey($0) } + data

    /// The same for a card that attests keys.
    static let descriptionsWithAttestations: [ObjectDescription] = descriptions + keyPlaces.map { attestation($0) }

    /// The same for a card that deletes private keys, too.
    static let descriptionsWithDeletableKeys: [ObjectDescription] = descriptionsWithAttestations.map {
        $0.reference.kind == .privateKey ? privateKey(PIVKeyReference($0.reference), isWritable: true) : $0
    }

    /// Whether the card gives the object away only after VERIFY.
    static func needsPIN(_ object: ObjectReference) -> Bool { containersWithPIN.contains(object) }

    /// Whether PUT DATA may change the object: the certificates and containers of the specification (SP 800-73-5 part 1,
    /// table 3). Not the Discovery Object, which says how the card itself works and which YubiKeys make up; nor the
    /// certificate of a YubiKey's attestation key, the manufacturer's attestation of the card, which nothing brings back.
    static func isWritable(_ object: ObjectReference) -> Bool { writable.contains(object) }

    private static let writable = Set(descriptions.filter(\.isWritable).map(\.reference))

    /// Where key pairs of the user lie.
    static let keyPlaces: [PIVKeyReference] = PIVKeyReference.everyCards + PIVKeyReference.retired

    private static let keys = keyPlaces + [.attestation]

    private static let containersWithPIN = Set(
        PIVContainerDescription.all.filter { $0.needsPIN }.map { ObjectReference(.data, $0.container.rawValue) })

    private static let data = PIVContainerDescription.all.map {
        ObjectDescription(
            ObjectReference(.data, $0.container.rawValue), label: $0.name, isPrivate: $0.needsPIN,
            isWritable: $0.container != .discovery, application: $0.name, objectIdentifier: $0.objectIdentifier)
    }

    private static func certificate(_ key: PIVKeyReference) -> ObjectDescription {
        let label =
            switch key {
            case .authentication: "Certificate for PIV Authentication"
            case .signature: "Certificate for Digital Signature"
            case .keyManagement: "Certificate for Key Management"
            case .cardAuthentication: "Certificate for Card Authentication"
            case .attestation: "Certificate for Attestation"
            default: "Retired Certificate for Key Management \(key.retiredNumber ?? 0)"
            }
        return ObjectDescription(
            ObjectReference(.certificate, UInt32(key.rawValue)), label: label, id: key.identifier,
            isWritable: key != .attestation)
    }

    /// The label is ykcs11's. The id is not, for there it is the key's own: whoever asked for a key's certificate by its id
    /// would get two. It is the reference of the attestation key and that of the key.
    private static func attestation(_ key: PIVKeyReference) -> ObjectDescription {
        ObjectDescription(
            ObjectReference(.attestation, UInt32(key.rawValue)),
            label: "X.509 Certificate for PIV Attestation \(hexadecimal([key.rawValue]))",
            id: [PIVKeyReference.attestation.rawValue, key.rawValue])
    }

    private static func publicKey(_ key: PIVKeyReference) -> ObjectDescription {
        ObjectDescription(
            ObjectReference(.publicKey, UInt32(key.rawValue)), label: keyLabel(key, suffix: " pubkey"),
            id: key.identifier)
    }

    private static func privateKey(_ key: PIVKeyReference, isWritable: Bool = false) -> ObjectDescription {
        ObjectDescription(
            ObjectReference(.privateKey, UInt32(key.rawValue)), label: keyLabel(key, suffix: " key"),
            id: key.identifier, isPrivate: key != .cardAuthentication, isWritable: isWritable)
    }

    private static func keyLabel(_ key: PIVKeyReference, suffix: String) -> String {
        switch key {
        case .authentication: "PIV AUTH" + suffix
        case .signature: "SIGN" + suffix
        case .keyManagement: "KEY MAN" + suffix
        case .cardAuthentication: "CARD AUTH" + suffix
        default: "Retired KEY MAN \(key.retiredNumber ?? 0)"
        }
    }
}

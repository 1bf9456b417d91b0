/// Names one object of one token: what stands behind an object handle, the same for as long as the card is in.
public struct ObjectReference: Hashable, Sendable {
    /// What kind of object it is.
    public enum Kind: Hashable, Sendable {
        /// An X.509 certificate.
        case certificate
        /// An X.509 certificate in which the card says that it made a key itself. The card makes one when it is asked, so
        /// it is looked for only where somebody asks for it by name.
        case attestation
        /// A public key.
        case publicKey
        /// A private key.
        case privateKey
        /// A secret key.
        case secretKey
        /// A data object.
        case data
    }

    /// Certificate, public key, private key or data.
    public let kind: Kind
    /// The number that the card application itself uses: a key reference (9A), or the tag of a data object (5FC102).
    public let number: UInt32

    /// A reference to an object of a token.
    public init(_ kind: Kind, _ number: UInt32) {
        self.kind = kind
        self.number = number
    }
}

/// What is known of an object without asking the card.
public struct ObjectDescription: Hashable, Sendable {
    /// Which object.
    public let reference: ObjectReference
    /// The name that people see, and that `pkcs11:` URIs hold.
    public let label: String
    /// The bytes that join the certificate and the keys of one key reference; empty for data objects.
    public let id: [UInt8]
    /// Whether it is seen only after login.
    public let isPrivate: Bool
    /// Whether the token takes another value for it, and deletes it, from somebody with the right login.
    public let isWritable: Bool
    /// For data objects: the name of the application or container that it belongs to.
    public let application: String
    /// For data objects: the DER encoding of its object identifier, or empty.
    public let objectIdentifier: [UInt8]

    /// A description of an object.
    public init(
        _ reference: ObjectReference, label: String, id: [UInt8] = [], isPrivate: Bool = false,
        isWritable: Bool = false, application: String = "", objectIdentifier: [UInt8] = []
    ) {
        self.reference = reference
        self.label = label
        self.id = id
        self.isPrivate = isPrivate
        self.isWritable = isWritable
        self.application = application
        self.objectIdentifier = objectIdentifier
    }

    /// The same object, seen without a login.
    public var shownToEverybody: ObjectDescription {
        ObjectDescription(
            reference, label: label, id: id, isWritable: isWritable, application: application,
            objectIdentifier: objectIdentifier)
    }
}

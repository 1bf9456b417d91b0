import CardApplication
import HostCrypto
import ISO7816
import Token

/// What is on the card: read when it is asked for, and each thing once within some seconds.
extension OpenPGPToken {
    /// The objects that every OpenPGP application can hold.
    public var catalogue: [ObjectDescription] {
        OpenPGPCatalogue.descriptions(
            hasThreeCertificates: version >= .three, hasSymmetricKey: hasSymmetricKeys, attestsKeys: attestsKeys)
    }

    package func isFoundByNameAlone(_ object: ObjectReference) -> Bool {
        object == OpenPGPCatalogue.attestationCertificate
    }

    package func needsUser(_ object: ObjectReference) -> Bool {
        object == OpenPGPCatalogue.symmetricKey
            || object.kind == .data && OpenPGPCatalogue.readAccess(DataObject(rawValue: object.number)) == .user
    }

    /// See `Token`.
    public func value(of object: ObjectReference) throws(TokenError) -> [UInt8] {
        let value: [UInt8]?
        switch object.kind {
        case .certificate where object == OpenPGPCatalogue.attestationCertificate:
            value = try perform { (transaction) throws(CardError) -> [UInt8]? in
                try attestationCertificate(transaction)?.der
            }
        case .certificate:
            guard let key = OpenPGPKey(object) else { throw .objectNotFound }
            value = try perform { (transaction) throws(CardError) -> [UInt8]? in
                try certificate(of: key, transaction)?.der
            }
        case .data:
            let name = DataObject(rawValue: object.number)
            guard DataObject.privateUse.contains(name) else { throw .objectNotFound }
            value = try perform(OpenPGPCatalogue.readAccess(name).access) { (transaction) throws(CardError) in
                try read(name, transaction)
            }
        case .publicKey, .privateKey, .secretKey, .attestation:
            throw .unsupported
        }
        guard let value else { throw .objectNotFound }
        return value
    }

    package func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: CardTransaction<OpenPGPToken>
    ) throws(CardError) -> Bool {
        if object.kind == .data {
            let name = DataObject(rawValue: object.number)
            guard DataObject.privateUse.contains(name) else { return false }
            if OpenPGPCatalogue.readAccess(name) == .administrator {
                guard withLogin({ $0.secret(of: .administrator) }) != nil else { return false }
                try restore(.login(.administrator), transaction)
            }
            return try read(name, transaction) != nil
        }
        if object == OpenPGPCatalogue.symmetricKey { return try holdsSymmetricKey(transaction) }
        if object == OpenPGPCatalogue.attestationCertificate {
            return try attestationCertificate(transaction) != nil
        }
        guard let key = OpenPGPKey(object) else { return false }
        if object.kind == .certificate { return try certificate(of: key, transaction) != nil }
        return try publicKey(of: key, transaction) != nil
    }

    /// The value of a data object for private use. Its contents prove nothing, so the application does first.
    func read(
        _ object: DataObject, _ transaction: OpenPGPTransaction, isReadAnew: Bool = false
    ) throws(CardError) -> [UInt8]? {
        let reference = ObjectReference(.data, object.rawValue)
        if !isReadAnew, let known = withCache({ $0.ledger.value(of: reference) }), known.isFresh(at: now) {
            return known.value
        }
        if let capabilities = withCache({ $0.related.value.capabilities }),
            !capabilities.features.contains(.privateUse)
        {
            return nil
        }
        try transaction.prove()
        // What is behind a password stands in no trace.
        let isOpen = OpenPGPCatalogue.readAccess(object) == .none
        let value = try transaction.card.getData(object, secrecy: isOpen ? [] : .answer)
        withCache { $0.ledger.note(value, of: reference, at: now) }
        return value
    }
}

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

    package func access(to object: ObjectReference) -> Access {
        if object == OpenPGPCatalogue.symmetricKey { return .login(.user) }
        return object.kind == .data ? OpenPGPCatalogue.readAccess(DataObject(rawValue: object.number)).access : .none
    }

    package func read(_ object: ObjectReference, _ transaction: OpenPGPTransaction) throws(CardError) -> [UInt8]? {
        if object.kind == .data {
            let name = DataObject(rawValue: object.number)
            return DataObject.privateUse.contains(name) ? try read(name, transaction) : nil
        }
        if object == OpenPGPCatalogue.attestationCertificate { return try attestationCertificate(transaction)?.der }
        guard object.kind == .certificate, let key = OpenPGPKey(object) else { return nil }
        return try certificate(of: key, transaction)?.der
    }

    package func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        switch object.kind {
        case .data, .certificate:
            if access(to: object).verification == .administrator {
                guard withLogin({ $0.secret(of: .administrator) }) != nil else { return false }
                try restore(.login(.administrator), transaction)
            }
            return try read(object, transaction) != nil
        case .secretKey:
            return object == OpenPGPCatalogue.symmetricKey ? try holdsSymmetricKey(transaction) : false
        case .publicKey, .privateKey, .attestation:
            guard let key = OpenPGPKey(object) else { return false }
            return try publicKey(of: key, transaction) != nil
        }
    }
}

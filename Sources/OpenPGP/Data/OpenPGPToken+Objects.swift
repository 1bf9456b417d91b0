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

    /// See `Token`. An object that this user may not read is not there for him, and hides no other. The certificate of the
    /// attestation key is looked for by its name alone.
    public func present(
        among objects: [ObjectReference], areNamed: Bool
    ) throws(TokenError) -> [ObjectReference] {
        let objects = areNamed ? objects : objects.filter { $0 != OpenPGPCatalogue.attestationCertificate }
        let known = withCache { cache in objects.filter { cache.presence(of: $0, now) == true } }
        let isSettled = withCache { cache in objects.allSatisfy { cache.presence(of: $0, now) != nil } }
        if isSettled { return known }
        let isPrivate = objects.contains { needsUser($0) }
        do throws(TokenError) {
            return try present(among: objects, isPrivate ? .user : .none)
        } catch .notLoggedIn where isPrivate {
            return try present(among: objects.filter { !needsUser($0) }, .none)
        } catch .unsupported where withCache({ $0.isTerminated }) {
            return []
        }
    }

    /// See `Token`.
    public func revision(of object: ObjectReference) -> UInt64 { withCache { $0.revisions[object] ?? 0 } }

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

    private func needsUser(_ object: ObjectReference) -> Bool {
        object == OpenPGPCatalogue.symmetricKey
            || object.kind == .data && OpenPGPCatalogue.readAccess(DataObject(rawValue: object.number)) == .user
    }

    private func present(
        among objects: [ObjectReference], _ access: OpenPGPAuthentication.Access
    ) throws(TokenError) -> [ObjectReference] {
        try perform(access) { (transaction) throws(CardError) in
            var present: [ObjectReference] = []
            for object in objects where try isShown(object, transaction) { present.append(object) }
            return present
        }
    }

    private func isShown(
        _ object: ObjectReference, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        do throws(CardError) {
            return try isPresent(object, transaction)
        } catch {
            guard error.isAnswer, transaction.isProven else { throw error }
            return false
        }
    }

    private func isPresent(
        _ object: ObjectReference, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        if let known = withCache({ $0.presence(of: object, now) }) { return known }
        if object.kind == .data {
            let name = DataObject(rawValue: object.number)
            guard DataObject.privateUse.contains(name) else { return false }
            if OpenPGPCatalogue.readAccess(name) == .administrator {
                guard authentication.secret(for: .administrator) != nil else { return false }
                try authentication.restore(.administrator, transaction)
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
        if !isReadAnew, let known = withCache({ $0.objects[object] }), known.isFresh(now) { return known.value }
        if let capabilities = withCache({ $0.related.value.capabilities }),
            !capabilities.features.contains(.privateUse)
        {
            return nil
        }
        try transaction.prove()
        // What is behind a password stands in no trace.
        let isOpen = OpenPGPCatalogue.readAccess(object) == .none
        let value = try transaction.card.getData(object, secrecy: isOpen ? [] : .answer)
        withCache { $0.note(value, of: object, now) }
        return value
    }
}

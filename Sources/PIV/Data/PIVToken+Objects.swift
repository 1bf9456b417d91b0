import CardApplication
import HostCrypto
import ISO7816
import Token

/// What is on the card: read lazily, and the retired containers only where something says that they are filled or the
/// user asks for one.
extension PIVToken {
    /// The objects that every PIV application can hold. A YubiKey 4 may be one that attests keys, a YubiKey 5 is, and may
    /// be one that deletes them.
    public var catalogue: [ObjectDescription] {
        switch yubiKeyModel {
        case "5": PIVCatalogue.descriptionsWithDeletableKeys
        case "4": PIVCatalogue.descriptionsWithAttestations
        default: PIVCatalogue.descriptions
        }
    }

    /// See `Token`.
    public func present(
        among objects: [ObjectReference], areNamed: Bool
    ) throws(TokenError) -> [ObjectReference] {
        let now = clock()
        let known = withCache { cache in objects.map { object in cache.presence(of: object, at: now) } }
        if !known.contains(nil) { return zip(objects, known).filter { $0.1 == true }.map(\.0) }
        let needsPIN = objects.contains { PIVCatalogue.needsPIN($0) }
        return try perform(needsPIN ? .login : .none) { (transaction) throws(CardError) in
            var present: Set<ObjectReference> = []
            // Keys come last: what is read of certificates may contradict what is believed of them.
            for object in objects.filter({ !$0.isKey }) + objects.filter({ $0.isKey })
            where try isShown(object, isNamed: areNamed, transaction) { present.insert(object) }
            return objects.filter { present.contains($0) }
        }
    }

    /// See `Token`.
    public func revision(of object: ObjectReference) -> UInt64 { withCache { $0.revision(of: object) } }

    /// See `Token`.
    public func value(of object: ObjectReference) throws(TokenError) -> [UInt8] {
        let value: [UInt8]?
        switch object.kind {
        case .certificate:
            let key = PIVKeyReference(object)
            let now = clock()
            let known = withCache { $0.presence(of: object, at: now) == true ? $0.certificates[key] : nil }
            if let known { return known.der }
            value = try perform { (transaction) throws(CardError) in try certificate(of: key, transaction)?.der }
        case .attestation:
            let key = PIVKeyReference(object)
            value = try perform { (transaction) throws(CardError) in try attestation(of: key, transaction)?.der }
        case .data:
            let access: PIVAuthentication.Access = PIVCatalogue.needsPIN(object) ? .login : .none
            value = try perform(access) { (transaction) throws(CardError) in
                try container(PIVContainer(rawValue: object.number), transaction)
            }
        case .publicKey, .privateKey, .secretKey:
            throw .unsupported
        }
        guard let value else { throw .objectNotFound }
        return value
    }

    /// See `Token`.
    public func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        try publicKey(of: PIVKeyReference(key)).subjectPublicKeyInfo
    }

    /// The public key of a key reference, from the card's metadata or from its certificate.
    func publicKey(of key: PIVKeyReference) throws(TokenError) -> PublicKey {
        if let known = withCache({ $0.belief(in: key).publicKey }) { return known }
        let read = try perform { (transaction) throws(CardError) -> PublicKey? in
            if withCache({ $0.metadata[key]?.value }) == nil,
                let fromCertificate = try certificate(of: key, transaction)?.publicKey
            {
                return fromCertificate
            }
            if let told = try metadata(of: key, transaction)?.publicKey { return told }
            return try certificate(of: key, transaction)?.publicKey
        }
        guard let read else { throw .objectNotFound }
        return read
    }

    /// Whether an object is there for this user: one that the card refuses (biometric containers, over a contactless
    /// reader) is not, and hides no other.
    private func isShown(
        _ object: ObjectReference, isNamed: Bool, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        do throws(CardError) {
            return try isPresent(object, isNamed: isNamed, transaction)
        } catch {
            guard error.isAnswer, transaction.isProven else { throw error }
            return false
        }
    }

    private func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        if let known = known(object, transaction) { return known }
        if !isNamed, try !isIndexed(object, transaction) { return false }
        let key = PIVKeyReference(object)
        switch object.kind {
        case .data:
            return try container(PIVContainer(rawValue: object.number), transaction) != nil
        case .certificate:
            return try certificate(of: key, transaction) != nil
        case .attestation:
            return try attestation(of: key, transaction) != nil
        case .publicKey:
            if try certificate(of: key, transaction)?.publicKey == nil { _ = try metadata(of: key, transaction) }
        case .privateKey:
            // Metadata say more than a certificate for the same one APDU, and a certificate may stand without its key.
            _ = try metadata(of: key, transaction)
            if known(object, transaction) == nil { _ = try certificate(of: key, transaction) }
        case .secretKey: return false
        }
        return known(object, transaction) ?? false
    }

    private func known(_ object: ObjectReference, _ transaction: PIVTransaction) -> Bool? {
        withCache { $0.presence(of: object, at: transaction.now) }
    }

    /// Whether an object is looked for when nobody named it: retired keys and their containers only where the Key
    /// History tells of them or something was in them before, the attestation key of a YubiKey and what it signs not at all.
    private func isIndexed(_ object: ObjectReference, _ transaction: PIVTransaction) throws(CardError) -> Bool {
        if object.kind == .attestation { return false }
        let key: PIVKeyReference?
        if object.kind == .data {
            key = PIVKeyReference.retired.first { $0.certificateContainer?.rawValue == object.number }
        } else {
            key = PIVKeyReference(object)
        }
        guard let key, let container = key.certificateContainer else { return true }
        if withCache({ $0.containers[container]?.value }) != nil { return true }
        if key == .attestation { return false }
        guard let number = key.retiredNumber else { return true }
        return try self.container(.keyHistory, transaction).flatMap { KeyHistory(parsing: $0) }?.tells(of: number)
            ?? false
    }
}

extension ObjectReference {
    /// Whether it is half of a key pair.
    var isKey: Bool { kind == .publicKey || kind == .privateKey }
}

extension PIVKeyReference {
    /// The key reference that a certificate or key object stands for.
    init(_ object: ObjectReference) { self.init(rawValue: UInt8(truncatingIfNeeded: object.number)) }
}

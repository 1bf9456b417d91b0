import HostCrypto
import ISO7816
import Token

/// What is on the card: read lazily, each thing once, and the retired containers only where something says that
/// they are filled or the user asks for one.
extension PIVToken {
    /// The objects that every PIV application can hold.
    public var catalogue: [ObjectDescription] { PIVCatalogue.descriptions }

    /// See `Token`.
    public func present(
        among objects: [ObjectReference], areNamed: Bool
    ) throws(TokenError) -> [ObjectReference] {
        let isSettled = withCache { cache in objects.allSatisfy { cache.presence[$0] != nil } }
        if isSettled { return withCache { cache in objects.filter { cache.presence[$0] == true } } }
        let needsPIN = objects.contains { PIVCatalogue.needsPIN($0) }
        return try perform(needsPIN ? .login : .none) { (transaction) throws(CardError) in
            var present: [ObjectReference] = []
            for object in objects where try isShown(object, isNamed: areNamed, transaction) { present.append(object) }
            return present
        }
    }

    /// See `Token`.
    public func value(of object: ObjectReference) throws(TokenError) -> [UInt8] {
        switch object.kind {
        case .certificate:
            let key = PIVKeyReference(rawValue: UInt8(truncatingIfNeeded: object.number))
            let certificate = try perform { (transaction) throws(CardError) -> Certificate? in
                try self.certificate(of: key, transaction)
            }
            guard let certificate else { throw .objectNotFound }
            return certificate.der
        case .data:
            let access: PIVAuthentication.Access = PIVCatalogue.needsPIN(object) ? .login : .none
            let value = try perform(access) { (transaction) throws(CardError) in
                try container(PIVContainer(rawValue: object.number), transaction)
            }
            guard let value else { throw .objectNotFound }
            return value
        case .publicKey, .privateKey:
            throw .unsupported
        }
    }

    /// See `Token`.
    public func revision(of object: ObjectReference) -> UInt64 { 0 }

    /// See `Token`.
    public func write(_ value: [UInt8], to object: ObjectReference) throws(TokenError) { throw .readOnly }

    /// See `Token`.
    public func delete(_ object: ObjectReference) throws(TokenError) { throw .readOnly }

    /// See `Token`.
    public func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        try publicKey(of: PIVKeyReference(key)).subjectPublicKeyInfo
    }

    /// The public key of a key reference, from its certificate or from the card's metadata.
    func publicKey(of key: PIVKeyReference) throws(TokenError) -> PublicKey {
        let known = withCache { cache in
            cache.certificates[key]??.publicKey ?? cache.metadata[key]??.publicKey
        }
        if let known { return known }
        let read = try perform { (transaction) throws(CardError) -> PublicKey? in
            if withCache({ $0.metadata[key] }) == nil,
                let fromCertificate = try certificate(of: key, transaction)?.publicKey
            {
                return fromCertificate
            }
            return try metadata(of: key, transaction)?.publicKey
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
        if let known = withCache({ $0.presence[object] }) { return known }
        if !isNamed, try !isIndexed(object, transaction) { return false }
        let key = PIVKeyReference(object)
        let found: Bool
        switch object.kind {
        case .data:
            found = try container(PIVContainer(rawValue: object.number), transaction) != nil
        case .certificate:
            found = try certificate(of: key, transaction) != nil
        case .publicKey:
            found = try isKeyPresent(key, transaction)
        case .privateKey:
            // Metadata say more than a certificate for the same one APDU, and a certificate may stand without its key.
            let isRead = withCache { $0.certificates[key] != nil }
            if !isRead, try hasMetadata(transaction) {
                found = try metadata(of: key, transaction) != nil
            } else {
                found = try isKeyPresent(key, transaction)
            }
        }
        withCache { $0.presence[object] = found }
        return found
    }

    private func isKeyPresent(_ key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) -> Bool {
        if try certificate(of: key, transaction) != nil { return true }
        return try metadata(of: key, transaction) != nil
    }

    /// Whether an object is looked for when nobody named it: retired keys and their containers only where the Key
    /// History tells of them, the attestation key of a YubiKey not at all.
    private func isIndexed(_ object: ObjectReference, _ transaction: PIVTransaction) throws(CardError) -> Bool {
        let key: PIVKeyReference?
        if object.kind == .data {
            key = PIVKeyReference.retired.first { $0.certificateContainer?.rawValue == object.number }
        } else {
            key = PIVKeyReference(object)
        }
        guard let key else { return true }
        if key == .attestation { return false }
        guard let number = key.retiredNumber else { return true }
        return try container(.keyHistory, transaction).flatMap { KeyHistory(parsing: $0) }?.tells(of: number) ?? false
    }

    /// The certificate of a key reference, read once. One that cannot be parsed counts as absent.
    func certificate(
        of key: PIVKeyReference, _ transaction: PIVTransaction
    ) throws(CardError) -> Certificate? {
        if let known = withCache({ $0.certificates[key] }) { return known }
        guard let place = key.certificateContainer else { return nil }
        let der = try container(place, transaction).flatMap { CertificateContainer.certificate(in: $0) }
        let certificate = der.flatMap { try? Certificate(der: $0) }
        withCache { $0.certificates[key] = .some(certificate) }
        return certificate
    }

    /// The metadata of a key reference, read once; nil where it has no key, or the card no such command.
    func metadata(of key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) -> KeyMetadata? {
        if let known = withCache({ $0.metadata[key] }) { return known }
        guard try hasMetadata(transaction) else { return nil }
        let metadata: KeyMetadata?
        do throws(CardError) {
            metadata = try transaction.readMetadata(key)
            withCache { $0.hasMetadata = true }
        } catch {
            // A card that is no YubiKey is asked once; only an answer from the PIV application counts.
            guard error.status != nil, transaction.isProven, withCache({ $0.hasMetadata }) == nil else { throw error }
            withCache { $0.hasMetadata = false }
            return nil
        }
        withCache { $0.metadata[key] = .some(metadata) }
        return metadata
    }

    /// Whether to ask for metadata: of a YubiKey from firmware 5.3 on, of another card until it refuses.
    private func hasMetadata(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        if let known = withCache({ $0.hasMetadata }) { return known }
        guard isYubiKey else { return true }
        let version = try firmwareVersion(transaction)
        let has = version.map { $0[0] > 5 || $0[0] == 5 && $0[1] >= 3 } ?? false
        withCache { $0.hasMetadata = has }
        return has
    }
}

extension PIVKeyReference {
    /// The key reference that a certificate or key object stands for.
    init(_ object: ObjectReference) { self.init(rawValue: UInt8(truncatingIfNeeded: object.number)) }
}

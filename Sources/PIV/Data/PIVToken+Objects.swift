import CardApplication
import HostCrypto
import ISO7816
import Token

/// What is on the card: read lazily, and the retired containers only where something says that they are filled or the
/// user asks for one.
extension PIVToken {
    /// The objects that every PIV application can hold. One that has shown some of Yubico's commands, or is called by the name,
    /// may be one that attests keys, as long as it has not refused that, and one that tells its keys may delete them. Nobody is
    /// asked for it.
    public var catalogue: [ObjectDescription] {
        let now = state.clock()
        let (open, attests, deletes) = withCache { cache in
            let tells = cache.hasMetadata ?? (yubiKeyModel == "5")
            let isAlike = tells || yubiKeyModel != nil || cache.firmware.value != nil
            let deletes =
                tells && !cache.moves.isRefused(at: now)
                && cache.firmware.value.map { $0 >= FirmwareVersion(5, 7) } ?? true
            return (cache.keysWithoutPIN, isAlike && !cache.attests.isRefused(at: now), deletes)
        }
        let all =
            deletes
            ? PIVCatalogue.descriptionsWithDeletableKeys
            : attests ? PIVCatalogue.descriptionsWithAttestations : PIVCatalogue.descriptions
        return open.isEmpty ? all : all.map { open.contains($0.reference) ? $0.shownToEverybody : $0 }
    }

    /// See `Token`: metadata tell of the PIN policy. Retired keys are asked about where something says that they are there.
    public func learnPolicies(of keys: [ObjectReference]) throws(TokenError) {
        let now = state.clock()
        let unknown = withCache { cache in
            keys.filter {
                let key = PIVKeyReference($0)
                return cache.hasMetadata != false && !cache.isSilent(key, at: now) && !cache.isTold(key, at: now)
                    && cache.isListed($0, at: now) != false
            }
        }
        guard !unknown.isEmpty else { return }
        try perform { (transaction) throws(CardError) in
            for object in unknown where try isListed(object, transaction) {
                _ = try readable(transaction) { () throws(CardError) in
                    try metadata(of: PIVKeyReference(object), transaction)
                }
            }
        }
    }

    package func access(to object: ObjectReference) -> Access { PIVCatalogue.needsPIN(object) ? .login(.user) : .none }

    package func read(_ object: ObjectReference, _ transaction: PIVTransaction) throws(CardError) -> [UInt8]? {
        switch object.kind {
        case .data: try container(PIVContainer(rawValue: object.number), transaction)
        case .certificate: try certificate(of: PIVKeyReference(object), transaction)?.der
        case .attestation: try attestation(of: PIVKeyReference(object), transaction)?.der
        case .publicKey, .privateKey, .secretKey: nil
        }
    }

    /// See `Token`.
    public func unreadableCertificate(at object: ObjectReference) throws(TokenError) -> [UInt8]? {
        let key = PIVKeyReference(object)
        guard object.kind == .certificate, let place = key.certificateContainer else { return nil }
        return try perform { (transaction) throws(CardError) in
            guard let value = try container(place, transaction), withCache({ $0.certificate(of: key) }) == nil else {
                return nil
            }
            return CertificateContainer.content(of: value).map { Array($0) }
        }
    }

    /// See `Token`.
    public func unreadableCertificates() -> [ObjectReference: String] {
        withCache { cache in
            var problems: [ObjectReference: String] = [:]
            for key in PIVCatalogue.keyPlaces + [.attestation] {
                problems[key.object(.certificate)] = cache.problem(of: key)
            }
            return problems
        }
    }

    package func isPresent(
        _ object: ObjectReference, isNamed: Bool, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        if !isNamed, try !isListed(object, transaction) { return false }
        let key = PIVKeyReference(object)
        switch object.kind {
        case .data, .certificate, .attestation: return try read(object, transaction) != nil
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

    /// See `PIVCache.isListed`. What was found by its name stays found.
    package func isFoundByNameAlone(_ object: ObjectReference) -> Bool {
        let now = state.clock()
        return withCache { $0.isListed(object, at: now) == false && $0.presence(of: object, at: now) != true }
    }

    private func isListed(_ object: ObjectReference, _ transaction: PIVTransaction) throws(CardError) -> Bool {
        if let known = withCache({ $0.isListed(object, at: transaction.now) }) { return known }
        _ = try container(.keyHistory, transaction)
        return withCache { $0.isListed(object, at: transaction.now) } ?? false
    }
}

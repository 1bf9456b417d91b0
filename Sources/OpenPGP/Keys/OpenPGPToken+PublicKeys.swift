import CardApplication
import HostCrypto
import ISO7816
import Keys
import Token

/// What the card tells of its keys.
extension OpenPGPToken {
    /// See `Token`.
    public func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        guard let key = OpenPGPKey(key) else { throw .objectNotFound }
        return try publicKey(of: key).subjectPublicKeyInfo
    }

    /// See `Token`. "PW1 valid for one signature" (the first byte of C4) makes the signature key's policy "always".
    public func policy(of key: ObjectReference) throws(TokenError) -> KeyPolicy {
        guard let key = OpenPGPKey(key) else { throw .objectNotFound }
        let touch = try interaction(of: key).touchPolicy
        return withCache { cache in
            let isSingle = key == .signature && cache.passwordStatus?.isValidForSeveralSignatures == false
            return KeyPolicy(
                pin: isSingle ? .always : .once, touch: touch,
                origin: cache.related.value.keys[key]?.state?.origin ?? .unknown)
        }
    }

    /// See `Token`. The command decides what a key can do; on a card with MANAGE SECURITY ENVIRONMENT the RSA keys for
    /// decryption and authentication can take each other's place.
    public func usage(of key: ObjectReference) throws(TokenError) -> KeyUsage {
        guard let reference = OpenPGPKey(key) else { throw .objectNotFound }
        return usage(of: try publicKey(of: reference).type, at: key)
    }

    /// See `Token`.
    public func usage(of algorithm: KeyType, at place: ObjectReference) -> KeyUsage {
        guard let key = OpenPGPKey(place) else { return [] }
        let changesRoles = withCache { $0.related.value.capabilities?.hasManageSecurityEnvironment } ?? false
        switch algorithm {
        case .rsa where key != .signature && changesRoles: return [.sign, .decrypt]
        case .rsa: return key == .decryption ? .decrypt : .sign
        case .montgomery: return key == .decryption ? .derive : []
        case .edwards: return key == .decryption ? [] : .sign
        case .ec: return key == .decryption ? .derive : .sign
        }
    }

    /// The public key of a key, or `objectNotFound` where there is none, or none that can be told.
    func publicKey(of key: OpenPGPKey) throws(TokenError) -> PublicKey {
        if let known = withCache({ $0.publicKeys[key] }) { return known }
        let read = try perform { (transaction) throws(CardError) in try publicKey(of: key, transaction) }
        guard let read else { throw .objectNotFound }
        return read
    }

    /// The public key of a key. Where the card tells whether there is one (DE), it is not asked in vain.
    func publicKey(of key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> PublicKey? {
        if let known = withCache({ $0.publicKeys[key] }) { return known }
        if let missing = withCache({ $0.missingKeys[key] }), missing.isFresh(at: now) { return nil }
        if !withCache({ $0.related.isFresh(at: now) }) { try transaction.refreshRelatedData() }
        let told = withCache { $0.related.value.keys[key] }
        var found: PublicKey?
        // The two contradict each other where there is a fingerprint: the card is asked then.
        if told?.state != .absent || told?.fingerprint != nil {
            found = try readPublicKey(key, told, transaction)
        }
        if found == nil, told?.state != .absent, told?.state != nil || told?.fingerprint != nil {
            found = try certificate(of: key, transaction)?.publicKey
        }
        withCache { cache in
            if let found { cache.note(found, of: key, now) } else { cache.missingKeys[key] = Reading((), at: now) }
        }
        return found
    }

    package func isBelieved(_ object: ObjectReference, at now: Int) -> Bool {
        OpenPGPKey(object).map { key in withCache { $0.isBelieved(key, at: now) } } ?? true
    }

    /// The key itself is read, and not its fingerprint, which programs write and some do not. Where another one seems to lie
    /// there the related data are read too, for they tell how to read it.
    package func readAnew(_ object: ObjectReference, _ transaction: OpenPGPTransaction) throws(CardError) {
        guard let key = OpenPGPKey(object), let known = withCache({ $0.publicKeys[key] }) else { return }
        if try askAnew(key, transaction) == known { return withCache { $0.note(known, of: key, transaction.now) } }
        _ = try transaction.readRelatedData()
        if let told = try askAnew(key, transaction) { return withCache { $0.note(told, of: key, transaction.now) } }
        let entry = withCache { $0.related.value.keys[key] }
        guard entry?.state == .absent || entry?.state == nil && entry?.fingerprint == nil else {
            // A strange answer takes no key away.
            throw .refused(.failed("the card does not tell its key"))
        }
        withCache { $0.forget(key) }
    }

    private func askAnew(_ key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> PublicKey? {
        let told = withCache { $0.related.value.keys[key] }
        if let read = try readPublicKey(key, told, transaction) { return read }
        guard told?.state != .absent else { return nil }
        return try certificate(of: key, transaction, isReadAnew: true)?.publicKey
    }

    /// The public key as the card tells it; nil where it has none, or does not tell.
    func readPublicKey(
        _ key: OpenPGPKey, _ told: ApplicationRelatedData.Key?, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> PublicKey? { try readPublicKeyTemplate(key, told, transaction)?.publicKey }

    /// The same as it stands there, also of an algorithm that is not known here.
    func readPublicKeyTemplate(
        _ key: OpenPGPKey, _ told: ApplicationRelatedData.Key?, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> PublicKeyTemplate? {
        do throws(CardError) {
            return try transaction.believing { () throws(CardError) in
                try transaction.card.readPublicKey(key, attributes: told?.algorithm)
            }
        } catch {
            // Cards have many words for a key that is not there: 6A88, 6985, 6F00.
            guard error.isAnswer, transaction.isProven else { throw error }
            return nil
        }
    }

    /// The user interaction flag of a key. A YubiKey 4 follows version 2.1, which has none, and gives Yubico's when it is
    /// asked for it by name (Yubico, "OpenPGP attestation and touch policy").
    private func interaction(of key: OpenPGPKey) throws(TokenError) -> UserInteractionFlag {
        let (told, asked) = withCache { ($0.related.value.keys[key]?.interaction, $0.interaction[key]) }
        if let told { return told }
        if let asked, asked.value != nil || asked.isFresh(at: now) { return asked.value ?? .off }
        guard applicationIdentifier?.manufacturer == .yubico, version < .three else { return .off }
        let flag = try perform { (transaction) throws(CardError) -> UserInteractionFlag? in
            do throws(CardError) {
                let value = try transaction.believing { () throws(CardError) in
                    try transaction.card.getData(key.userInteractionFlag)
                }
                return value.flatMap { UserInteractionFlag(parsing: $0) } ?? .off
            } catch {
                guard error.isAnswer, transaction.isProven else { throw error }
                return nil
            }
        }
        withCache { $0.interaction[key] = Reading(flag, at: now) }
        return flag ?? .off
    }
}

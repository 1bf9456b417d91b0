import HostCrypto
import Token

/// What has been read from the card, and for how long it is believed.
///
/// Other programs write to the card while it is in the reader, and nothing tells this process of it.
///
/// - That a key is there, its public key and its policies are believed until they are contradicted: the key's
///   certificate has another public key or is gone, or the card refuses the key as if it were not there. OpenSSH looks
///   for its key before each signature, and that is to send nothing.
/// - What a container holds, and that anything is not there, is believed for `lifetime`. Who asks after that has it read
///   again. The PIN's tries are believed for as long.
/// - Where a certificate differs from what was known, or a data object is gone or there again, the object's revision goes
///   up, and where a key is contradicted, so do those of the key's objects unless the card says that the key is the same.
///   A certificate's goes up whenever it is written.
/// - Who the card is and the PIN that it prefers are read once; that it holds no key is believed for `lifetime`.
struct PIVCache {
    /// For how long, in milliseconds: long enough that a program which asks for everything several times in a row has
    /// it read once.
    static let lifetime = 5_000

    /// What the card said of one thing, and when.
    struct Reading<Value> {
        /// Nil where the card has no such thing.
        let value: Value?
        /// Nil where it may have changed since.
        var time: Int?

        /// Whether it is believed without asking again, even if it is a container's or an absence.
        func isFresh(at now: Int) -> Bool { time.map { now &- $0 < PIVCache.lifetime } ?? false }
    }

    var properties: ApplicationProperties?
    var information: Reading<TokenInformation>?
    /// Whether the card has GET METADATA; nil as long as nobody asked.
    var hasMetadata: Bool?
    /// The version of a YubiKey's firmware, once somebody asked.
    var firmware: FirmwareVersion?
    /// The PIN's tries.
    var pinStatus: Reading<PINStatus>?

    /// The values of the containers, as `PIVCard.getData` returns them.
    private(set) var containers: [PIVContainer: Reading<[UInt8]>] = [:]
    /// The certificates in the containers, uncompressed; one that cannot be parsed counts as absent.
    private(set) var certificates: [PIVKeyReference: Certificate] = [:]
    /// What GET METADATA answers; on a card without it, that the card knew no such key.
    private(set) var metadata: [PIVKeyReference: Reading<KeyMetadata>] = [:]
    /// The card's attestations of its keys, as they were first given: each time it makes another one of the same key.
    private(set) var attestations: [PIVKeyReference: Reading<Certificate>] = [:]
    /// The keys that were found.
    private var presentKeys: Set<ObjectReference> = []
    private var revisions: [ObjectReference: UInt64] = [:]

    /// See `Token`.
    func revision(of object: ObjectReference) -> UInt64 { revisions[object] ?? 0 }

    /// Whether the card holds an object; nil where the card must be asked. A key that is found stays found.
    mutating func presence(of object: ObjectReference, at now: Int) -> Bool? {
        let isPresent = evidence(of: object, at: now)
        if isPresent == true, object.isKey { noteKey(object) }
        return isPresent
    }

    private func evidence(of object: ObjectReference, at now: Int) -> Bool? {
        let key = PIVKeyReference(object)
        switch object.kind {
        case .data:
            return fresh(containers[PIVContainer(rawValue: object.number)], now).map { $0 != nil }
        case .certificate:
            return hasCertificate(key, now)
        case .attestation: return fresh(attestations[key], now).map { $0 != nil }
        case .publicKey:
            if presentKeys.contains(object) || certifiesKey(key, now) == true { return true }
            guard let told = fresh(metadata[key], now) ?? (hasMetadata == false ? .some(nil) : nil) else { return nil }
            return told?.publicKey != nil ? true : certifiesKey(key, now)
        case .privateKey:
            // A certificate may stand without its key, but then only metadata could tell.
            if presentKeys.contains(object) { return true }
            if let told = fresh(metadata[key], now) {
                guard let told else { return false }
                return told.publicKey != nil ? true : certifiesKey(key, now)
            }
            let isKnownAbsent = metadata[key].map { $0.value == nil } ?? false
            if isKnownAbsent, hasMetadata != false { return nil }
            let isCertified = certifiesKey(key, now)
            return hasMetadata == false || isCertified == true ? isCertified : nil
        case .secretKey: return false
        }
    }

    /// Whether there is a certificate whose public key can be used here. Of a key whose public half nobody can read (of
    /// another algorithm, or not valid) nothing can be said or done, so it is not shown.
    private func certifiesKey(_ key: PIVKeyReference, _ now: Int) -> Bool? {
        hasCertificate(key, now).map { $0 && certificates[key]?.publicKey != nil }
    }

    private func hasCertificate(_ key: PIVKeyReference, _ now: Int) -> Bool? {
        guard let container = key.certificateContainer else { return false }
        return fresh(containers[container], now) == nil ? nil : certificates[key] != nil
    }

    private func fresh<Value>(_ reading: Reading<Value>?, _ now: Int) -> Value?? {
        guard let reading, reading.isFresh(at: now) else { return nil }
        return .some(reading.value)
    }

    /// What is known of a key, for comparing before and after.
    struct KeyBelief: Hashable {
        let metadata: KeyMetadata?
        /// The card's own word goes before the certificate's.
        let publicKey: PublicKey?
        let isThere: Bool
    }

    /// What is known of a key, of whatever age.
    func belief(in key: PIVKeyReference) -> KeyBelief {
        let reading = metadata[key]
        let publicKey = reading?.value?.publicKey ?? certificates[key]?.publicKey
        return KeyBelief(
            metadata: reading?.value, publicKey: publicKey,
            isThere: reading.map { $0.value != nil } ?? (publicKey != nil))
    }

    /// The key whose public key was known by its certificate, where a container's value says another one. On a card that
    /// does not tell its keys, so may be one that this process has made, and another program replaced.
    func keyContradicted(by value: [UInt8]?, in container: PIVContainer) -> PIVKeyReference? {
        guard let known = containers[container], known.value != value,
            let key = PIVKeyReference(certificateIn: container)
        else { return nil }
        let told = Self.certificate(value)?.publicKey
        if let publicKey = certificates[key]?.publicKey { return told != publicKey ? key : nil }
        guard hasMetadata == false, let told, let made = metadata[key]?.value?.publicKey else { return nil }
        return told != made ? key : nil
    }

    /// On a card that does not tell its keys, a certificate says more of a key than that this process once made another one.
    mutating func believeCertificate(of key: PIVKeyReference) {
        if hasMetadata == false, certificates[key] != nil { metadata[key] = nil }
    }

    private mutating func noteKey(_ object: ObjectReference) {
        presentKeys.insert(object)
        // On a card without metadata the certificate has the last word again.
        let key = PIVKeyReference(object)
        if object.kind == .privateKey, let reading = metadata[key], reading.value == nil { metadata[key] = nil }
    }

    /// Notes what the card said of a key.
    mutating func note(_ reading: Reading<KeyMetadata>, of key: PIVKeyReference) { metadata[key] = reading }

    /// Notes what a container holds: read, or written by this process.
    mutating func note(_ value: [UInt8]?, in container: PIVContainer, at time: Int, isWritten: Bool = false) {
        let known = containers[container]
        containers[container] = Reading(value: value, time: time)
        let isSame = known.map { $0.value == value }
        // Another value makes no other data object; being gone, or there again, does.
        let comesOrGoes = known.map { ($0.value == nil) != (value == nil) } ?? (isWritten && value == nil)
        if comesOrGoes { raise(ObjectReference(.data, container.rawValue)) }
        guard let key = PIVKeyReference(certificateIn: container) else { return }
        let old = certificates[key]
        if isSame != true { certificates[key] = Self.certificate(value) }
        if isWritten || isSame == false && old?.der != certificates[key]?.der {
            raise(ObjectReference(.certificate, UInt32(key.rawValue)))
        }
    }

    /// Notes that nobody knows what a container holds now. What it held is kept, to tell whether it changed.
    mutating func doubt(_ container: PIVContainer) { containers[container]?.time = nil }

    /// Decides what a contradiction has come to, once the card was asked.
    mutating func settle(_ key: PIVKeyReference, since before: KeyBelief) {
        let after = belief(in: key)
        let objects = Self.objects(of: key)
        if !after.isThere || after.publicKey == nil { presentKeys.subtract(objects) }
        let isGone = before.isThere && !after.isThere
        let isReplaced = before.publicKey != nil && before.publicKey != after.publicKey
        let differs = before.metadata != nil && after.metadata != nil && before.metadata != after.metadata
        if isGone || isReplaced || differs { raiseObjects(of: key) }
    }

    /// Notes a key that this process put onto the card, in place of whatever was there.
    mutating func noteNewKey(_ key: PIVKeyReference, _ told: KeyMetadata, at time: Int) {
        metadata[key] = Reading(value: told, time: time)
        presentKeys.formUnion(Self.objects(of: key))
        raiseObjects(of: key)
    }

    /// Notes that this process took a key from the card.
    mutating func noteKeyGone(_ key: PIVKeyReference, at time: Int) {
        doubtKey(key)
        metadata[key] = Reading(value: nil, time: time)
    }

    /// Notes that nobody knows which key lies in a place now.
    mutating func doubtKey(_ key: PIVKeyReference) {
        metadata[key] = nil
        presentKeys.subtract(Self.objects(of: key))
        raiseObjects(of: key)
    }

    /// Notes the card's attestation of a key, or that it gives none.
    mutating func note(attestation: Certificate?, of key: PIVKeyReference, at time: Int) {
        let known = attestations[key]?.value
        let isSame = known?.publicKey == attestation?.publicKey
        attestations[key] = Reading(value: isSame ? known : attestation, time: time)
        if !isSame, known != nil { raise(ObjectReference(.attestation, UInt32(key.rawValue))) }
    }

    /// Forgets the cipher of the management key.
    mutating func forgetManagementKey() { metadata[.cardManagement] = nil }

    /// Forgets everything but what kind of card it is. Whatever is found after that is another object.
    mutating func forgetAll() {
        (information, pinStatus, containers, certificates, metadata) = (nil, nil, [:], [:], [:])
        (presentKeys, attestations) = ([], [:])
        PIVCatalogue.descriptionsWithAttestations.forEach { raise($0.reference) }
    }

    private static func objects(of key: PIVKeyReference) -> [ObjectReference] {
        [ObjectReference.Kind.publicKey, .privateKey].map { ObjectReference($0, UInt32(key.rawValue)) }
    }

    /// Another key is in a place, or none: what was there is gone, and so is what the card said of it.
    private mutating func raiseObjects(of key: PIVKeyReference) {
        attestations[key] = nil
        Self.objects(of: key).forEach { raise($0) }
        raise(ObjectReference(.attestation, UInt32(key.rawValue)))
    }

    /// Drops what was read with the user's PIN.
    mutating func forgetPrivate() {
        containers = containers.filter { !PIVCatalogue.needsPIN(ObjectReference(.data, $0.key.rawValue)) }
    }

    private mutating func raise(_ object: ObjectReference) { revisions[object, default: 0] += 1 }

    private static func certificate(_ value: [UInt8]?) -> Certificate? {
        value.flatMap { CertificateContainer.certificate(in: $0) }.flatMap { try? Certificate(der: $0) }
    }
}

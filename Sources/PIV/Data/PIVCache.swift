import CardApplication
import HostCrypto
import Token

/// What has been read from the card, and for how long it is believed.
///
/// Other programs write to the card while it is in the reader, and nothing tells this process of it.
///
/// - That a key is there, its public key and its policies are believed until they are contradicted: the key's
///   certificate has another public key or is gone, or the card refuses the key as if it were not there. OpenSSH looks
///   for its key before each signature, and that is to send nothing.
/// - What a container holds, and that anything is not there, is believed for `Reading.lifetime`. Who asks after that has
///   it read again. The PIN's tries are believed for as long.
/// - Where a certificate differs from what was known, or a data object is gone or there again, the object's revision goes
///   up, and where a key is contradicted, so do those of the key's objects unless the card says that the key is the same.
///   A certificate's goes up whenever it is written.
/// - Who the card is and the PIN that it prefers are read once; that it holds no key is believed for the lifetime.
package struct PIVCache: ApplicationCache {
    let properties: ApplicationProperties
    var information: Reading<TokenInformation>?
    /// Whether the card refused nothing of what label and serial number are made of.
    private(set) var isInformationWhole = false
    /// Whether the card has GET METADATA; nil as long as nobody knows. A single refusal is believed for the lifetime, a
    /// second one for good.
    private(set) var hasMetadata: Bool?
    /// When the command was refused; nil inside once that is for good.
    private var metadataRefusal: Reading<Bool>?
    /// The keys of which the card does not tell though it tells of others.
    private var silentKeys: [PIVKeyReference: Reading<Void>] = [:]
    /// The containers that the card refused, or gave what cannot be parsed for, when it was last asked.
    private var failures: [PIVContainer: Reading<CardError>] = [:]
    /// The PIN that the card turned out to have where it does not tell.
    var pinReference: PINReference?
    /// What GET VERSION told, once somebody asked.
    var firmware = Learnt<FirmwareVersion>()
    /// Whether the card has ATTEST, once somebody asked for an attestation.
    var attests = Learnt<Bool>()
    /// Whether the card has MOVE KEY, once somebody asked for it.
    var moves = Learnt<Bool>()
    /// The algorithms that the card refused to make or take a key of.
    var refusedAlgorithms: Set<PIVAlgorithm> = []
    /// Whether GET METADATA told of a public key, or of a PIN's tries: no card that does has a Global PIN.
    private(set) var tellsKeysOrPINs = false
    /// The PUK's tries as the card told them when it last refused one, where it does not tell them otherwise.
    var unblockingTries: Int?
    /// What the card first told of who it is.
    var identity: PIVIdentity?
    package var tries: Reading<PINStatus>?
    package var notices = Notices()
    /// The containers' values, as `PIVCard.getData` returns them; the certificates in them, uncompressed, and the card's
    /// attestations of its keys, as they were first given: each time it makes another one of the same key.
    package var ledger = ObjectLedger()
    /// What GET METADATA answers; on a card without it, that the card knew no such key.
    private(set) var metadata: [PIVKeyReference: Reading<KeyMetadata?>] = [:]
    /// The keys that were found.
    private var presentKeys: Set<ObjectReference> = []

    init(_ properties: ApplicationProperties) { self.properties = properties }

    /// What a container was last known to hold.
    func value(in container: PIVContainer) -> Reading<[UInt8]?>? { ledger.value(of: container.object) }

    /// Why nobody knows what is in a container: the card refused it when it was last asked, or gave what cannot be parsed.
    func failure(of container: PIVContainer) -> Reading<CardError>? { failures[container] }

    /// Which PIN the card wants: the one that it turned out to have, or what the Discovery Object says; nil as long as nobody
    /// has asked.
    var knownPINReference: PINReference? {
        if let pinReference { return pinReference }
        guard let told = value(in: .discovery) else { return failures[.discovery].map { _ in .application } }
        return told.value.flatMap { DiscoveryObject(parsing: $0) }?.preferredPIN ?? .application
    }

    /// Whether it is known what is in a container, or that there is none.
    func isKnown(_ container: PIVContainer) -> Bool { value(in: container) != nil && failures[container] == nil }

    /// Whether an object is looked for when nobody named it: retired keys and their containers only where the Key History
    /// tells of them or something was in them before, the attestation key of a YubiKey and what it signs not at all. Nil
    /// where the Key History must be read for it.
    func isListed(_ object: ObjectReference, at now: Int) -> Bool? {
        if object.kind == .attestation { return false }
        let key: PIVKeyReference?
        if object.kind == .data {
            key = PIVKeyReference.retired.first { $0.certificateContainer?.rawValue == object.number }
        } else {
            key = PIVKeyReference(object)
        }
        guard let key, let container = key.certificateContainer else { return true }
        if value(in: container)?.value != nil { return true }
        if key == .attestation { return false }
        guard let number = key.retiredNumber else { return true }
        guard let history = value(in: .keyHistory), history.isFresh(at: now) else { return nil }
        return history.value.flatMap { KeyHistory(parsing: $0) }?.tells(of: number) ?? false
    }

    /// Notes why the card did not give a container; nil where it did, or told that there is none.
    mutating func note(_ failure: CardError?, of container: PIVContainer, at now: Int) {
        failures[container] = failure.map { Reading($0, at: now) }
    }

    /// Notes that GET METADATA told something of a key, or that there is none.
    mutating func noteMetadataTold(of key: PIVKeyReference, _ metadata: KeyMetadata?) {
        (hasMetadata, metadataRefusal) = (true, nil)
        silentKeys[key] = nil
        if metadata?.tellsKey == true { tellsKeysOrPINs = true }
    }

    /// Notes that GET METADATA told of a PIN.
    mutating func noteMetadataOfPINTold() { (hasMetadata, metadataRefusal, tellsKeysOrPINs) = (true, nil, true) }

    /// Notes that GET METADATA told nothing of a key. A card which has it may refuse it for one key (PivApplet: 6F00 for one
    /// that was imported); one that tells of no key has another command there, or none.
    ///
    /// - Parameter isUnknown: whether the card answered as to a command that it does not have.
    mutating func noteSilence(of key: PIVKeyReference, isUnknown: Bool, at now: Int) {
        silentKeys[key] = Reading((), at: now)
        if isUnknown || silentKeys.count > 1 { noteMetadataUnknown(at: now) }
    }

    /// Notes that the card answered GET METADATA as a command that it does not have.
    mutating func noteMetadataUnknown(at now: Int) {
        guard hasMetadata == nil else { return }
        metadataRefusal = Reading(metadataRefusal != nil, at: now)
        hasMetadata = false
    }

    /// Notes that the card has no GET METADATA, for good.
    mutating func denyMetadata() { (hasMetadata, metadataRefusal) = (false, nil) }

    /// Has the card asked again for what it refused once, some time ago.
    mutating func reconsiderMetadata(at now: Int) {
        if hasMetadata == false, let refusal = metadataRefusal, !refusal.value, !refusal.isFresh(at: now) {
            hasMetadata = nil
        }
    }

    /// The private keys that the card told to use without a PIN.
    var keysWithoutPIN: Set<ObjectReference> {
        Set(metadata.filter { $0.value.value?.pinPolicy == .never }.map { $0.key.object(.privateKey) })
    }

    /// Whether the card has told of a key, or just now that there is none.
    func isTold(_ key: PIVKeyReference, at now: Int) -> Bool {
        metadata[key].map { $0.value != nil || $0.isFresh(at: now) } ?? false
    }

    /// Whether the card does not tell of a key: not at all, or not just now.
    func isSilent(_ key: PIVKeyReference, at now: Int) -> Bool {
        hasMetadata == false || silentKeys[key]?.isFresh(at: now) == true
    }

    /// The certificate that a key was last known to have. One that cannot be parsed counts as absent.
    func certificate(of key: PIVKeyReference) -> Certificate? {
        ledger.certificate(of: key.object(.certificate))?.value
    }

    package mutating func presence(of object: ObjectReference, at now: Int) -> Bool? {
        let isPresent = evidence(of: object, at: now)
        if isPresent == true, object.isKey { noteKey(object) }
        return isPresent
    }

    private func evidence(of object: ObjectReference, at now: Int) -> Bool? {
        let key = PIVKeyReference(object)
        switch object.kind {
        case .data, .attestation: return ledger.presence(of: object, at: now)
        case .certificate: return hasCertificate(key, now)
        case .publicKey:
            if presentKeys.contains(object) || certifiesKey(key, now) == true { return true }
            guard let told = fresh(key, now) ?? (isSilent(key, at: now) ? .some(nil) : nil) else { return nil }
            return told?.publicKey != nil ? true : certifiesKey(key, now)
        case .privateKey:
            // A certificate may stand without its key, but then only metadata could tell.
            if presentKeys.contains(object) { return true }
            if let told = fresh(key, now) {
                guard let told else { return false }
                return told.publicKey != nil ? true : certifiesKey(key, now)
            }
            let isKnownAbsent = metadata[key].map { $0.value == nil } ?? false
            let isSilent = isSilent(key, at: now)
            if isKnownAbsent, !isSilent { return nil }
            let isCertified = certifiesKey(key, now)
            return isSilent || isCertified == true ? isCertified : nil
        case .secretKey: return false
        }
    }

    /// Whether there is a certificate whose public key can be used here. Of a key whose public half nobody can read (of
    /// another algorithm, or not valid) nothing can be said or done, so it is not shown.
    private func certifiesKey(_ key: PIVKeyReference, _ now: Int) -> Bool? {
        hasCertificate(key, now).map { $0 && certificate(of: key)?.publicKey != nil }
    }

    private func hasCertificate(_ key: PIVKeyReference, _ now: Int) -> Bool? {
        key.certificateContainer == nil ? false : ledger.presence(of: key.object(.certificate), at: now)
    }

    private func fresh(_ key: PIVKeyReference, _ now: Int) -> KeyMetadata?? {
        guard let reading = metadata[key], reading.isFresh(at: now) else { return nil }
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
        let publicKey = reading?.value?.publicKey ?? certificate(of: key)?.publicKey
        return KeyBelief(
            metadata: reading?.value, publicKey: publicKey,
            isThere: reading.map { $0.value != nil } ?? (publicKey != nil))
    }

    /// The key of which a container's value says something else than is believed: than its last certificate, or, the first
    /// time too, than what the card told of the key, or this process when it made it.
    func keyContradicted(by value: [UInt8]?, in container: PIVContainer) -> PIVKeyReference? {
        let known = self.value(in: container)
        guard let key = PIVKeyReference(certificateIn: container), known.map({ $0.value != value }) ?? true
        else { return nil }
        let told = Self.certificate(value)?.publicKey
        if known != nil, let publicKey = certificate(of: key)?.publicKey, told != publicKey { return key }
        guard let told, let believed = metadata[key]?.value?.publicKey else { return nil }
        return told != believed ? key : nil
    }

    /// Whether what is believed of a key was told within the lifetime: by the card itself, or where it does not tell by the
    /// key's certificate.
    func isBelieved(_ key: PIVKeyReference, at now: Int) -> Bool {
        if hasMetadata != false, let told = metadata[key], told.value?.publicKey != nil { return told.isFresh(at: now) }
        guard let place = key.certificateContainer else { return false }
        return value(in: place)?.isFresh(at: now) ?? false
    }

    /// The certificates whose public keys are known, by which a card without a number of its own is known again.
    var certifiedKeys: [(PIVKeyReference, PublicKey)] {
        PIVCatalogue.keyPlaces.compactMap { key in certificate(of: key)?.publicKey.map { (key, $0) } }
    }

    /// Keys of which the card has told that it made them itself: no other card has them.
    var ownKeys: [(PIVKeyReference, PublicKey)] {
        guard hasMetadata == true else { return [] }
        return metadata.compactMap { key, reading in
            guard let told = reading.value, told.origin == .generated else { return nil }
            return told.publicKey.map { (key, $0) }
        }
    }

    /// On a card that does not tell its keys, a certificate says more of a key than that this process once made another one.
    mutating func believeCertificate(of key: PIVKeyReference) {
        if hasMetadata != true, certificate(of: key) != nil { metadata[key] = nil }
    }

    private mutating func noteKey(_ object: ObjectReference) {
        presentKeys.insert(object)
        // On a card without metadata the certificate has the last word again.
        let key = PIVKeyReference(object)
        if object.kind == .privateKey, let reading = metadata[key], reading.value == nil { metadata[key] = nil }
    }

    /// Notes what the card said of a key.
    mutating func note(_ reading: Reading<KeyMetadata?>, of key: PIVKeyReference) { metadata[key] = reading }

    /// Notes what a container holds: read, or written by this process.
    mutating func note(_ value: [UInt8]?, in container: PIVContainer, at time: Int, isWritten: Bool = false) {
        let known = self.value(in: container)
        ledger.note(value, of: container.object, at: time, isWritten: isWritten)
        if isWritten, container == .cardholderUniqueIdentifier { identity?.identifier = value }
        guard let key = PIVKeyReference(certificateIn: container) else { return }
        let isSame = known.map { $0.value == value } ?? false
        let certificate = isSame ? certificate(of: key) : Self.certificate(value)
        ledger.note(certificate: certificate, of: key.object(.certificate), at: time, isWritten: isWritten)
        if let problem = problem(of: key) {
            notices.note("the certificate of \(hexadecimal([key.rawValue]).uppercased()) cannot be read: \(problem)")
        }
    }

    /// Why the certificate that was last read in a key's place cannot be read; nil where it can, or there is none.
    func problem(of key: PIVKeyReference) -> String? {
        guard certificate(of: key) == nil, let place = key.certificateContainer else { return nil }
        return value(in: place)?.value.flatMap { CertificateContainer.problem(of: $0) }
    }

    /// Notes that nobody knows what a container holds now.
    mutating func doubt(_ container: PIVContainer) {
        ledger.doubt(container.object)
        if let key = PIVKeyReference(certificateIn: container) { ledger.doubt(key.object(.certificate)) }
    }

    /// Notes what the card, asked anew, says of a key, and decides what that has come to.
    mutating func settle(_ key: PIVKeyReference, by reading: Reading<KeyMetadata?>) {
        let before = belief(in: key)
        note(reading, of: key)
        settle(key, since: before)
    }

    /// Decides what a contradiction has come to, once the card was asked.
    mutating func settle(_ key: PIVKeyReference, since before: KeyBelief) {
        let after = belief(in: key)
        if !after.isThere || after.publicKey == nil { presentKeys.subtract(key.pair) }
        let isGone = before.isThere && !after.isThere
        let isReplaced = before.publicKey != nil && before.publicKey != after.publicKey
        // Metadata without the public half may have been cut short: they tell of no other key than those with it.
        let isComparable = (before.metadata?.publicKey == nil) == (after.metadata?.publicKey == nil)
        let differs =
            before.metadata != nil && after.metadata != nil && isComparable && before.metadata != after.metadata
        if isGone || isReplaced || differs { raiseObjects(of: key) }
    }

    /// Notes a key that this process put onto the card, in place of whatever was there.
    mutating func noteNewKey(_ key: PIVKeyReference, _ told: KeyMetadata, at time: Int) {
        metadata[key] = Reading(told, at: time)
        presentKeys.formUnion(key.pair)
        raiseObjects(of: key)
    }

    /// Notes that this process took a key from the card.
    mutating func noteKeyGone(_ key: PIVKeyReference, at time: Int) {
        doubtKey(key)
        metadata[key] = Reading(nil, at: time)
    }

    /// Notes that nobody knows which key lies in a place now.
    mutating func doubtKey(_ key: PIVKeyReference) {
        metadata[key] = nil
        presentKeys.subtract(key.pair)
        raiseObjects(of: key)
    }

    /// Notes the card's attestation of a key, or that it gives none.
    mutating func note(attestation: Certificate?, of key: PIVKeyReference, at time: Int) {
        let known = ledger.certificate(of: key.object(.attestation))?.value
        let isSame = known?.publicKey == attestation?.publicKey
        ledger.note(certificate: isSame ? known : attestation, of: key.object(.attestation), at: time)
    }

    /// Notes whether what label and serial number are made of was refused just now.
    mutating func noteInformationWhole() {
        let containers = [.cardholderUniqueIdentifier] + PIVKeyReference.everyCards.compactMap(\.certificateContainer)
        isInformationWhole = !containers.contains { failures[$0]?.value.status != nil }
    }

    /// Forgets the cipher of the management key.
    mutating func forgetManagementKey() { metadata[.cardManagement] = nil }

    /// Forgets everything but what kind of card it is. Whatever is found after that is another object.
    mutating func forgetAll() {
        (information, identity, tries, metadata, presentKeys, silentKeys) = (nil, nil, nil, [:], [], [:])
        failures = [:]
        ledger.forgetAll(PIVCatalogue.descriptionsWithAttestations.map(\.reference))
    }

    /// Another key is in a place, or none: what was there is gone, and so is what the card said of it.
    private mutating func raiseObjects(of key: PIVKeyReference) {
        ledger.forgetCertificate(of: key.object(.attestation))
        for object in key.pair + [key.object(.attestation)] { ledger.raise(object) }
    }

    package mutating func forgetPrivate() { ledger.forgetValues { PIVCatalogue.needsPIN($0) } }

    private static func certificate(_ value: [UInt8]?) -> Certificate? {
        value.flatMap { CertificateContainer.certificate(in: $0) }.flatMap { try? Certificate(leading: $0) }
    }
}

extension PIVKeyReference {
    /// The key reference that a certificate or key object stands for.
    init(_ object: ObjectReference) { self.init(rawValue: UInt8(truncatingIfNeeded: object.number)) }

    /// The object of this kind that belongs to the key.
    func object(_ kind: ObjectReference.Kind) -> ObjectReference { ObjectReference(kind, UInt32(rawValue)) }

    fileprivate var pair: [ObjectReference] { [object(.publicKey), object(.privateKey)] }
}

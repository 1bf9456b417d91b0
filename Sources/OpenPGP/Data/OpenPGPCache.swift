import CardApplication
import HostCrypto
import Token

/// How a card gives out the second and third cardholder certificate.
enum CertificateSelection: Hashable {
    /// Nobody asked yet.
    case unknown
    /// With SELECT DATA as the specification has it.
    case standard
    /// With the length byte of some YubiKeys.
    case withLengthByte
    /// Not at all: only the first one can be reached.
    case none
    /// It refused to, and did not say that it never does. Only the first one is read, and none is written.
    case refused
}

/// What has been read from the card. A `Reading` of nil says that the card has no such thing.
package struct OpenPGPCache: ApplicationCache {
    var related: Reading<ApplicationRelatedData>
    /// Who the card is, once it has told it.
    var identifier: ApplicationIdentifier?
    /// Whether it tells that only where it is asked for it alone (tag 4F).
    var isIdentifierApart = false
    /// What it last told of each key, of which an answer without it takes nothing back.
    private var told: [OpenPGPKey: ApplicationRelatedData.Key] = [:]
    var isTerminated = false
    /// The card's last word on its passwords, by itself or as part of the related data; nil where it gave none.
    private(set) var passwordStatus: PasswordStatus?
    package var tries: Reading<PINStatus>?
    package var notices = Notices()
    /// The certificates, the attestation key's too, and the data objects for private use.
    package var ledger = ObjectLedger()
    /// Believed until contradicted.
    private(set) var publicKeys: [OpenPGPKey: PublicKey] = [:]
    /// When the card last told of them, in milliseconds.
    private var keyTimes: [OpenPGPKey: Int] = [:]
    /// What was last read in the place of a certificate, where it is none.
    var unreadableCertificates: [OpenPGPKey: [UInt8]] = [:]
    /// The keys that were looked for and not found.
    var missingKeys: [OpenPGPKey: Reading<Void>] = [:]
    /// What the card last wanted made of passwords. None is sent on that word: it is asked for again.
    var keyDerivation: Reading<KeyDerivation>?
    /// Whether there is an AES key, once that was tried. That there is one is believed until contradicted.
    private var symmetricKey: Reading<Bool>?
    /// Read one by one from cards that do not tell them with the related data. That one was refused is believed for the
    /// lifetime.
    var interaction: [OpenPGPKey: Reading<UserInteractionFlag?>] = [:]
    /// That the card does not choose is believed for the lifetime.
    private var certificateSelection = Reading(CertificateSelection.unknown, at: nil)
    /// Whether two places were seen to hold different certificates.
    var choosesCertificates = false
    /// What GET VERSION told; nil inside where the card did not tell.
    var firmware: Reading<FirmwareVersion?>?
    /// What the card lists (tag FA); nil inside where it did not tell.
    var algorithmInformation: Reading<AlgorithmInformation?>?

    init(_ related: ApplicationRelatedData, isTerminated: Bool, time: Int) {
        self.related = Reading(related, at: time)
        self.isTerminated = isTerminated
        if isTerminated {
            notices.note(
                "the OpenPGP application is terminated, or was never activated: martlet reset --application openpgp "
                    + "activates it, as it left the factory")
        }
        note(related, time)
    }

    /// Whether anything tells of a private key.
    var holdsKeys: Bool {
        !publicKeys.isEmpty
            || related.value.keys.values.contains { key in
                key.state.map { $0 != .absent } ?? (key.fingerprint != nil)
            }
    }

    package func presence(of object: ObjectReference, at now: Int) -> Bool? {
        if object == OpenPGPCatalogue.symmetricKey {
            return symmetricKey.flatMap { $0.value || $0.isFresh(at: now) ? $0.value : nil }
        }
        if object.kind == .data || object.kind == .certificate { return ledger.presence(of: object, at: now) }
        guard let key = OpenPGPKey(object) else { return false }
        if publicKeys[key] != nil { return true }
        return missingKeys[key]?.isFresh(at: now) == true ? false : nil
    }

    /// How the card gives out its certificates.
    func certificateSelection(at now: Int) -> CertificateSelection {
        let known = certificateSelection
        return [.none, .refused].contains(known.value) && !known.isFresh(at: now) ? .unknown : known.value
    }

    /// Takes in how the card gives out its certificates.
    mutating func note(_ selection: CertificateSelection, at now: Int) {
        certificateSelection = Reading(selection, at: now)
    }

    /// Takes in what the card tells of itself. A key of which it tells another algorithm, fingerprint, date or state than
    /// before is another one; whatever else it tells otherwise, or not at all, is a reason to ask for the key.
    mutating func note(_ new: ApplicationRelatedData, _ now: Int) {
        for (key, entry) in new.keys {
            let known = told[key]
            if known.map({ entry.isOfAnotherKey(than: $0) }) == true { forget(key) }
            if known != nil, entry != related.value.keys[key] {
                (keyTimes[key], interaction[key], missingKeys[key]) = (nil, nil, nil)
            }
            told[key] = entry.completed(by: known)
        }
        related = Reading(new, at: now)
        // Related data without it say nothing of the tries: the card is asked for them alone.
        if let status = new.passwordStatus { note(status, now) }
    }

    /// Takes in the state of the passwords. The right PIN sets the counter of tries to three (OpenPGP card 3.4.1, section
    /// 4.4.1, tag C4); some cards can be given more, and do not tell.
    mutating func note(_ status: PasswordStatus?, _ now: Int) {
        passwordStatus = status ?? passwordStatus
        let left = status?.userTries
        tries = Reading(PINStatus(retriesLeft: left, retriesInAll: left ?? 0 > 3 ? nil : 3), at: now)
    }

    /// Takes in whether there is an AES key.
    mutating func noteSymmetricKey(isThere: Bool, _ now: Int) {
        let wasThere = symmetricKey?.value == true
        symmetricKey = Reading(isThere, at: now)
        if wasThere, !isThere { ledger.raise(OpenPGPCatalogue.symmetricKey) }
    }

    /// Takes in a key as the card tells it; another one than before is another object.
    mutating func note(_ publicKey: PublicKey, of key: OpenPGPKey, _ now: Int) {
        if let known = publicKeys[key], known != publicKey { forget(key) }
        publicKeys[key] = publicKey
        keyTimes[key] = now
    }

    /// Whether the card told of a key within the lifetime.
    func isBelieved(_ key: OpenPGPKey, at now: Int) -> Bool {
        publicKeys[key] != nil && Reading((), at: keyTimes[key]).isFresh(at: now)
    }

    /// Forgets a key that was found to be another one, or none.
    mutating func forget(_ key: OpenPGPKey) {
        missingKeys[key] = nil
        keyTimes[key] = nil
        interaction[key] = nil
        guard publicKeys.removeValue(forKey: key) != nil else { return }
        ledger.raise(key.object(.privateKey))
        ledger.raise(key.object(.publicKey))
    }

    /// Forgets everything. Whatever is found after that is another object.
    mutating func forgetAll(_ catalogue: [ObjectReference]) {
        (publicKeys, keyTimes, missingKeys, interaction, told) = ([:], [:], [:], [:], [:])
        (keyDerivation, passwordStatus, isTerminated, symmetricKey) = (nil, nil, false, nil)
        ledger.forgetAll(catalogue)
    }

    package mutating func forgetPrivate() {
        ledger.forgetValues { OpenPGPCatalogue.readAccess(DataObject(rawValue: $0.number)) != .none }
    }
}

extension ApplicationRelatedData.Key {
    /// Whether this is told of another key. What is missing contradicts nothing.
    fileprivate func isOfAnotherKey(than known: Self) -> Bool {
        func differ<Value: Equatable>(_ new: Value?, _ old: Value?) -> Bool { new != nil && old != nil && new != old }
        // An empty place is no missing one: the key is being changed, or gone.
        let lostName = isNameless && known.fingerprint != nil
        return lostName || differ(algorithm, known.algorithm) || differ(fingerprint, known.fingerprint)
            || differ(timestamp, known.timestamp) || differ(state, known.state)
    }

    /// The same with what was told before in place of what is missing.
    fileprivate func completed(by known: Self?) -> Self {
        var all = self
        all.algorithm = algorithm ?? known?.algorithm
        all.fingerprint = isNameless ? nil : fingerprint ?? known?.fingerprint
        all.timestamp = timestamp ?? known?.timestamp
        all.state = state ?? known?.state
        return all
    }
}

extension OpenPGPKey {
    /// The object of this kind that belongs to the key.
    func object(_ kind: ObjectReference.Kind) -> ObjectReference { ObjectReference(kind, UInt32(rawValue)) }
}

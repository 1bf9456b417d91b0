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
}

/// What has been read from the card. A `Reading` of nil says that the card has no such thing.
package struct OpenPGPCache: ApplicationCache {
    var related: Reading<ApplicationRelatedData>
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
    var keyDerivation: Reading<KeyDerivation>?
    /// Whether there is an AES key, once that was tried. That there is one is believed until contradicted.
    private var symmetricKey: Reading<Bool>?
    /// Read one by one from cards that do not tell them with the related data.
    var interaction: [OpenPGPKey: UserInteractionFlag] = [:]
    /// That the card does not choose is believed for the lifetime.
    private var certificateSelection = Reading(CertificateSelection.unknown, at: nil)
    /// What GET VERSION told, once somebody asked: major, minor and patch; zeros where the card does not tell.
    var firmware: [UInt8]?
    /// What the card lists (tag FA), once it was asked.
    var algorithmInformation: AlgorithmInformation?

    init(_ related: ApplicationRelatedData, isTerminated: Bool, time: Int) {
        self.related = Reading(related, at: time)
        self.isTerminated = isTerminated
        if isTerminated {
            notices.note(
                "the OpenPGP application is terminated, or was never activated: martlet reset --application openpgp "
                    + "activates it, as it left the factory")
        }
        note(related.passwordStatus, time)
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
        return known.value == .none && !known.isFresh(at: now) ? .unknown : known.value
    }

    /// Takes in how the card gives out its certificates.
    mutating func note(_ selection: CertificateSelection, at now: Int) {
        certificateSelection = Reading(selection, at: now)
    }

    /// Takes in what the card tells of itself. A key of which it tells something else than before is another one.
    mutating func note(_ new: ApplicationRelatedData, _ now: Int) {
        for key in OpenPGPKey.allCases where new.keys[key] != related.value.keys[key] { forget(key) }
        related = Reading(new, at: now)
        note(new.passwordStatus, now)
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
        (publicKeys, keyTimes, missingKeys, interaction) = ([:], [:], [:], [:])
        (keyDerivation, passwordStatus, isTerminated, symmetricKey) = (nil, nil, false, nil)
        ledger.forgetAll(catalogue)
    }

    package mutating func forgetPrivate() {
        ledger.forgetValues { OpenPGPCatalogue.readAccess(DataObject(rawValue: $0.number)) != .none }
    }
}

extension OpenPGPKey {
    /// The object of this kind that belongs to the key.
    func object(_ kind: ObjectReference.Kind) -> ObjectReference { ObjectReference(kind, UInt32(rawValue)) }
}

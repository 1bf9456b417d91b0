import HostCrypto
import Token

/// What was read, and when, in seconds of the monotonic clock.
struct Timed<Value> {
    let value: Value
    let time: Int

    /// For how long a data object, a certificate, what was not there and the PIN's tries are believed, in seconds:
    /// another program may have used the card. Long enough that a program which asks for everything several times in a
    /// row has it read once.
    static var lifetime: Int { 5 }

    func isFresh(_ now: Int) -> Bool { (0..<Self.lifetime).contains(now - time) }
}

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

/// What has been read from the card. A `Timed` value of nil says that the card has no such thing.
struct OpenPGPCache {
    var related: Timed<ApplicationRelatedData>
    var isTerminated = false
    /// The card's last word on its passwords, by itself or as part of the related data; nil where it gave none.
    private(set) var passwordStatus: PasswordStatus?
    /// When the tries left were last told, or, with nil, were all there for PW1 was right.
    private var userTries: Timed<Int?>
    /// Believed until contradicted.
    var publicKeys: [OpenPGPKey: PublicKey] = [:]
    /// The keys that were looked for and not found.
    var missingKeys: [OpenPGPKey: Timed<Void>] = [:]
    var certificates: [OpenPGPKey: Timed<Certificate?>] = [:]
    private(set) var attestationCertificate: Timed<Certificate?>?
    var objects: [DataObject: Timed<[UInt8]?>] = [:]
    var keyDerivation: Timed<KeyDerivation>?
    /// Whether there is an AES key, once that was tried. That there is one is believed until contradicted.
    private var symmetricKey: Timed<Bool>?
    /// Read one by one from cards that do not tell them with the related data.
    var interaction: [OpenPGPKey: UserInteractionFlag] = [:]
    var certificateSelection = CertificateSelection.unknown
    var firmware: TokenInformation.Version?
    /// What the card lists (tag FA), once it was asked.
    var algorithmInformation: AlgorithmInformation?
    /// See `Token.revision(of:)`.
    private(set) var revisions: [ObjectReference: UInt64] = [:]

    init(_ related: ApplicationRelatedData, isTerminated: Bool, time: Int) {
        self.related = Timed(value: related, time: time)
        self.isTerminated = isTerminated
        passwordStatus = related.passwordStatus
        userTries = Timed(value: related.passwordStatus?.userTries, time: time)
    }

    /// The tries that are left for PW1, where that is known to be so still; they are nil inside where the card does not
    /// tell, or has just verified PW1.
    func knownTries(_ now: Int) -> Int?? { userTries.isFresh(now) ? .some(userTries.value) : nil }

    /// Whether anything tells of a private key.
    var holdsKeys: Bool {
        !publicKeys.isEmpty
            || related.value.keys.values.contains { key in
                key.state.map { $0 != .absent } ?? (key.fingerprint != nil)
            }
    }

    /// Whether an object is there, where that is known without asking the card.
    func presence(of object: ObjectReference, _ now: Int) -> Bool? {
        if object.kind == .data {
            let known = objects[DataObject(rawValue: object.number)]
            return known?.isFresh(now) == true ? known?.value != nil : nil
        }
        if object == OpenPGPCatalogue.symmetricKey {
            return symmetricKey.flatMap { $0.value || $0.isFresh(now) ? $0.value : nil }
        }
        if object.kind == .certificate {
            let known =
                object == OpenPGPCatalogue.attestationCertificate
                ? attestationCertificate : OpenPGPKey(object).flatMap { certificates[$0] }
            return known?.isFresh(now) == true ? known?.value != nil : nil
        }
        guard let key = OpenPGPKey(object) else { return false }
        if publicKeys[key] != nil { return true }
        return missingKeys[key]?.isFresh(now) == true ? false : nil
    }

    /// Takes in what the card tells of itself. A key of which it tells something else than before is another one.
    mutating func note(_ new: ApplicationRelatedData, _ now: Int) {
        for key in OpenPGPKey.allCases where new.keys[key] != related.value.keys[key] { forget(key) }
        related = Timed(value: new, time: now)
        note(new.passwordStatus, now)
    }

    /// Takes in the state of the passwords.
    mutating func note(_ status: PasswordStatus?, _ now: Int) {
        passwordStatus = status ?? passwordStatus
        userTries = Timed(value: status?.userTries, time: now)
    }

    /// Takes in that PW1 was right.
    mutating func noteVerified(_ now: Int) { userTries = Timed(value: nil, time: now) }

    /// Takes in that a try may just have been spent.
    mutating func forgetTries() { userTries = Timed(value: nil, time: .min / 2) }

    /// Takes in a certificate as it was read or written; another one is another object.
    mutating func note(_ certificate: Certificate?, of key: OpenPGPKey, _ now: Int, isWritten: Bool = false) {
        let known = certificates[key]
        certificates[key] = Timed(value: certificate, time: now)
        if isWritten || known.map({ $0.value != certificate }) == true {
            revise(ObjectReference(.certificate, UInt32(key.rawValue)))
        }
    }

    /// The same of the attestation key's certificate.
    mutating func note(attestationCertificate certificate: Certificate?, _ now: Int) {
        let known = attestationCertificate
        attestationCertificate = Timed(value: certificate, time: now)
        if known.map({ $0.value != certificate }) == true { revise(OpenPGPCatalogue.attestationCertificate) }
    }

    /// Takes in the value of a data object as it was read or written. Another value makes no other object; being gone,
    /// or there again, does.
    mutating func note(_ value: [UInt8]?, of object: DataObject, _ now: Int, isWritten: Bool = false) {
        let known = objects[object]
        objects[object] = Timed(value: value, time: now)
        let comesOrGoes = known.map { ($0.value == nil) != (value == nil) } ?? (isWritten && value == nil)
        if comesOrGoes { revise(ObjectReference(.data, object.rawValue)) }
    }

    /// Takes in whether there is an AES key.
    mutating func noteSymmetricKey(isThere: Bool, _ now: Int) {
        let wasThere = symmetricKey?.value == true
        symmetricKey = Timed(value: isThere, time: now)
        if wasThere, !isThere { revise(OpenPGPCatalogue.symmetricKey) }
    }

    /// Notes that nobody knows what a data object holds now. What it held is kept, to tell whether it changed.
    mutating func doubt(_ object: DataObject) {
        objects[object] = objects[object].map { Timed(value: $0.value, time: .min / 2) }
    }

    /// The same of a certificate.
    mutating func doubtCertificate(of key: OpenPGPKey) {
        certificates[key] = certificates[key].map { Timed(value: $0.value, time: .min / 2) }
    }

    /// Forgets a key that was found to be another one, or none.
    mutating func forget(_ key: OpenPGPKey) {
        missingKeys[key] = nil
        interaction[key] = nil
        guard publicKeys.removeValue(forKey: key) != nil else { return }
        revise(ObjectReference(.privateKey, UInt32(key.rawValue)))
        revise(ObjectReference(.publicKey, UInt32(key.rawValue)))
    }

    /// Forgets everything. Whatever is found after that is another object.
    mutating func forgetAll(_ catalogue: [ObjectReference]) {
        (publicKeys, missingKeys, certificates, objects, interaction) = ([:], [:], [:], [:], [:])
        (keyDerivation, passwordStatus, isTerminated, symmetricKey) = (nil, nil, false, nil)
        attestationCertificate = nil
        catalogue.forEach { revise($0) }
    }

    /// Drops what was read with a password.
    mutating func forgetPrivate() {
        for object in objects.keys where OpenPGPCatalogue.readAccess(object) != .none { objects[object] = nil }
    }

    private mutating func revise(_ object: ObjectReference) { revisions[object, default: 0] += 1 }
}

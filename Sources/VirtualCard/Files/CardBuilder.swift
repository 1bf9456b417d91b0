import HostCrypto

/// Personalises a card without a reader: keys, certificates, and the containers that identify it.
public struct CardBuilder {
    /// The state so far.
    public var state: CardState

    /// The issuers of this simulator's attestations.
    static let attestationName = "Martlet Simulated PIV Attestation"
    static let openPGPAttestationName = "Martlet Simulated OpenPGP Attestation"

    /// An empty card of this kind. A YubiKey comes with its attestation keys and certificates; `identified` cards have
    /// a CHUID and a CCC too, as a used card has.
    public init(profile: CardProfile, serialNumber: UInt32, identified: Bool = true) throws(HostCryptoError) {
        state = CardState(profile: profile, serialNumber: serialNumber)
        if profile.isYubiKey(since: 4, 3) {
            let key = try PrivateKey.generate(.ec(.p256))
            state.keys[.attestation] = CardKey(
                algorithm: .p256, key: key, origin: .imported, pinPolicy: .once, touchPolicy: .never)
            try addCertificate(.attestation, subject: Self.attestationName, compressed: false)
        }
        if profile.openPGP?.isYubiKey == true { try addOpenPGPAttestation() }
        if identified && profile.hasPIV {
            state.objects[0x5FC102] = try Self.cardHolderUniqueIdentifier()
            state.objects[0x5FC107] = try Self.cardCapabilityContainer()
        }
    }

    /// What one key is to be.
    public struct KeyPlan: Sendable {
        /// The key reference: 9A, 9C, 9D, 9E, 82 to 95, F9.
        public var reference: UInt8
        /// The algorithm's name, such as "rsa2048", or nil where the type of `imported` says it.
        public var algorithm: String?
        /// PKCS#8 of a key to be imported; nil for a random one.
        public var imported: [UInt8]?
        /// The PIN policy; nil for the place's default.
        public var pinPolicy: PINPolicy?
        /// The touch policy.
        public var touchPolicy: TouchPolicy
        /// Whether a certificate goes into the key's container, and in which form.
        public var certificate: CertificatePlan

        /// A plan for one key.
        public init(
            reference: UInt8, algorithm: String? = nil, imported: [UInt8]? = nil, pinPolicy: PINPolicy? = nil,
            touchPolicy: TouchPolicy = .never, certificate: CertificatePlan = .plain
        ) {
            self.reference = reference
            self.algorithm = algorithm
            self.imported = imported
            self.pinPolicy = pinPolicy
            self.touchPolicy = touchPolicy
            self.certificate = certificate
        }
    }

    /// The certificate of a key.
    public enum CertificatePlan: Sendable {
        /// None.
        case none
        /// As it is.
        case plain
        /// As gzip, with the bit for it in CertInfo.
        case compressed
    }

    /// Why a plan cannot be carried out.
    public enum PlanError: Error, Hashable, CustomStringConvertible {
        /// No key pair has this reference.
        case noSuchReference(UInt8)
        /// The profile has no OpenPGP key of this name.
        case noSuchSlot(String)
        /// The profile has no such algorithm.
        case noSuchAlgorithm(String)
        /// A key that cannot sign wants a certificate, and no SIG key is there to sign it.
        case noIssuer
        /// What libcrypto says of the key.
        case crypto(HostCryptoError)

        /// One line for a person.
        public var description: String {
            switch self {
            case .noSuchReference(let reference): "no key pair can be in \(hexadecimal([reference]))"
            case .noSuchSlot(let name): "this kind of card has no key \(name)"
            case .noSuchAlgorithm(let name): "this kind of card has no algorithm \(name)"
            case .noIssuer: "no SIG key can sign the certificate of a key that cannot"
            case .crypto(let error): "the key cannot be used: \(error)"
            }
        }
    }

    /// Adds a key and, as planned, a certificate that it signed itself (that the attestation key signed, for X25519).
    public mutating func add(_ plan: KeyPlan) throws(PlanError) {
        let reference = KeyReference(rawValue: plan.reference)
        guard state.profile.hasPIV, reference.isStandardKeyPair || reference == .attestation else {
            throw .noSuchReference(plan.reference)
        }
        let given = try Self.computing { () throws(HostCryptoError) in
            guard let der = plan.imported else { return PrivateKey?.none }
            return try PrivateKey.pkcs8(der)
        }
        let algorithm = KeyAlgorithm.allCases.first { algorithm in
            plan.algorithm.map { $0 == algorithm.name } ?? (algorithm.keyType == given?.type)
        }
        guard let algorithm, algorithm.exists(on: state.profile), given == nil || given?.type == algorithm.keyType
        else { throw .noSuchAlgorithm(plan.algorithm ?? "imported key") }
        let key = try Self.computing { () throws(HostCryptoError) in
            if let given { return given }
            return try PrivateKey.generate(algorithm.keyType)
        }
        state.keys[reference] = CardKey(
            algorithm: algorithm, key: key, origin: given == nil ? .generated : .imported,
            pinPolicy: plan.pinPolicy ?? (state.profile.isPINless ? .never : reference.defaultPINPolicy),
            touchPolicy: plan.touchPolicy)
        guard plan.certificate != .none else { return }
        try Self.computing { () throws(HostCryptoError) in
            try addCertificate(
                reference, subject: "Martlet \(reference.hex)", compressed: plan.certificate == .compressed)
        }
    }

    static func computing<R>(_ body: () throws(HostCryptoError) -> R) throws(PlanError) -> R {
        do throws(HostCryptoError) { return try body() } catch { throw .crypto(error) }
    }

    /// Writes the Key History object (SP 800-73-5 part 1, section 3.3.3) that counts the retired keys with a
    /// certificate on the card.
    public mutating func addKeyHistory() {
        let count = KeyReference.retired.count { reference in
            state.keys[reference] != nil && reference.certificateTag.map { state.objects[$0] != nil } == true
        }
        state.objects[0x5FC10C] =
            BER.object(0xC1, [UInt8(clamping: count)]) + BER.object(0xC2, [0]) + [0xF3, 0x00, 0xFE, 0x00]
    }

    /// Puts the content of a container's tag 53 as it is.
    public mutating func addObject(tag: UInt32, _ content: [UInt8]) { state.objects[tag] = content }

    /// The certificate container: 70 certificate, 71 CertInfo, FE error detection code (SP 800-73-5 part 1,
    /// appendix A, table 10).
    private mutating func addCertificate(
        _ reference: KeyReference, subject: String, compressed: Bool
    ) throws(HostCryptoError) {
        guard let key = state.keys[reference], let tag = reference.certificateTag else { return }
        var (issuer, issuerKey) = (subject, key.key)
        if key.algorithm == .x25519 {
            guard let attestation = state.keys[.attestation] else { throw .unsupported }
            (issuer, issuerKey) = (Self.attestationName, attestation.key)
        }
        let der = try CardCertificate.issue(
            subject: subject, publicKey: key.key.publicKey, issuer: issuer, issuerKey: issuerKey,
            extensions: reference == .attestation ? [CardCertificate.authority] : [])
        state.objects[tag] =
            BER.object(0x70, compressed ? GzipWriter.wrap(der) : der)
            + BER.object(0x71, [compressed ? 0x01 : 0x00]) + [0xFE, 0x00]
    }
}

import FoundationEssentials
import HostCrypto

/// OpenPGP keys of a card that is personalised without a reader.
extension CardBuilder {
    /// What one OpenPGP key is to be.
    public struct OpenPGPKeyPlan: Sendable {
        /// The slot: "sig", "dec" or "aut".
        public var slot: String
        /// The algorithm's name, such as "rsa2048", or nil where the type of `imported` says it.
        public var algorithm: String?
        /// PKCS#8 of a key to be imported; nil for a random one.
        public var imported: [UInt8]?
        /// Whether the key wants a touch, and how (DO D6, D7, D8).
        public var touchPolicy: TouchPolicy
        /// Whether a certificate is written, where the card has a place for it.
        public var hasCertificate: Bool

        /// A plan for one key.
        public init(
            slot: String, algorithm: String? = nil, imported: [UInt8]? = nil, touchPolicy: TouchPolicy = .never,
            hasCertificate: Bool = true
        ) {
            self.slot = slot
            self.algorithm = algorithm
            self.imported = imported
            self.touchPolicy = touchPolicy
            self.hasCertificate = hasCertificate
        }
    }

    /// Adds a key with its fingerprint and time, as gpg leaves it behind, and a certificate that it signed itself. One
    /// of a key that cannot sign is signed by the SIG key, which has to be there.
    public mutating func add(_ plan: OpenPGPKeyPlan) throws(PlanError) {
        guard let features = state.profile.openPGP, var openPGP = state.openPGP,
            let slot = OpenPGPKeySlot(name: plan.slot)
        else { throw .noSuchSlot(plan.slot) }
        let (algorithm, key) = try Self.key(plan, features, slot)
        let time = UInt32(clamping: Int(Date().timeIntervalSince1970))
        openPGP[slot].attributes = AlgorithmAttributes(algorithm, in: slot, exponentBits: features.exponentBits)
        openPGP.store(key, isImported: plan.imported != nil, in: slot)
        openPGP[slot].generationTime = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: time >> $0) }
        openPGP[slot].fingerprint = try Self.computing { () throws(HostCryptoError) in
            try OpenPGPFingerprint.fingerprint(of: key.publicKey, algorithm, in: slot, time: time)
        }
        openPGP[slot].userInteraction =
            switch plan.touchPolicy {
            case .never: 0
            case .always: 1
            case .cached: 3
            }
        if plan.hasCertificate && features.certified.contains(slot) {
            openPGP[slot].certificate = try Self.certificate(slot, key, signature: openPGP[.signature].key)
        }
        state.openPGP = openPGP
    }

    /// The key 81 with its certificate, as a YubiKey leaves the factory.
    mutating func addOpenPGPAttestation() throws(HostCryptoError) {
        // DO DA says so.
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let name = Self.openPGPAttestationName
        let certificate = try CardCertificate.issue(
            subject: name, publicKey: key.publicKey, issuer: name, issuerKey: key,
            extensions: [CardCertificate.authority])
        state.openPGP?.attestation = OpenPGPState.Attestation(key: key, certificate: certificate)
    }

    private static func key(
        _ plan: OpenPGPKeyPlan, _ features: OpenPGPFeatures, _ slot: OpenPGPKeySlot
    ) throws(PlanError) -> (OpenPGPAlgorithm, PrivateKey) {
        let given = try computing { () throws(HostCryptoError) in
            guard let der = plan.imported else { return PrivateKey?.none }
            return try PrivateKey.pkcs8(der)
        }
        let algorithm = features.algorithms.first { algorithm in
            plan.algorithm.map { $0 == algorithm.rawValue } ?? (algorithm.keyType == given?.type)
        }
        guard let algorithm, algorithm.fits(slot), given == nil || given?.type == algorithm.keyType else {
            throw .noSuchAlgorithm(plan.algorithm ?? "imported key")
        }
        let key = try computing { () throws(HostCryptoError) in
            if let given { return given }
            return try PrivateKey.generate(algorithm.keyType)
        }
        return (algorithm, key)
    }

    private static func certificate(
        _ slot: OpenPGPKeySlot, _ key: PrivateKey, signature: PrivateKey?
    ) throws(PlanError) -> [UInt8] {
        let subject = "Martlet \(slot.name.uppercased())"
        guard key.type == .x25519 || key.type == .x448 else {
            return try computing { () throws(HostCryptoError) in
                try CardCertificate.issue(subject: subject, publicKey: key.publicKey, issuer: subject, issuerKey: key)
            }
        }
        guard let signature else { throw .noIssuer }
        return try computing { () throws(HostCryptoError) in
            try CardCertificate.issue(
                subject: subject, publicKey: key.publicKey, issuer: "Martlet SIG", issuerKey: signature)
        }
    }
}

import HostCrypto

/// What the OpenPGP application keeps without power.
struct OpenPGPState: Sendable {
    /// PW1, PW3 and the resetting code (section 4.3).
    var userPassword = ReferenceData(value: Array("123456".utf8), tries: 3)
    var administratorPassword = ReferenceData(value: Array("12345678".utf8), tries: 3)
    var resettingCode = ReferenceData.noResettingCode(tries: 3)
    /// Whether one PW1 is good for several signatures (DO C4, first byte).
    var keepsPassword: Bool
    /// What belongs to each key.
    var slots: [OpenPGPKeySlot: Slot] = [:]
    /// The AES key (DO D5).
    var symmetricKey: [UInt8]?
    /// The digital signature counter (DO 93).
    var signatureCount: UInt32 = 0
    /// The contents of the other DOs, by tag.
    var objects: [UInt16: [UInt8]] = [:]
    /// Whether TERMINATE DF ended the application's life (section 7.2.16).
    var isTerminated = false
    /// A YubiKey's key 81, which the maker has put there, with its certificate.
    var attestation: Attestation?

    /// A key that signs attestations.
    struct Attestation: Sendable {
        var key: PrivateKey
        /// DO FC.
        var certificate: [UInt8]
        /// The first byte of DO D9.
        var userInteraction: UInt8 = 0
    }

    /// A card as it comes from the factory: PW1 123456, PW3 12345678, no resetting code, no keys, RSA 2048.
    init(_ features: OpenPGPFeatures) {
        keepsPassword = features.keepsPassword
        for slot in OpenPGPKeySlot.allCases {
            slots[slot] = Slot(
                attributes: AlgorithmAttributes(.rsa2048, in: slot, exponentBits: features.exponentBits))
        }
    }

    /// One key, and what the card keeps with it.
    struct Slot: Sendable {
        /// DO C1, C2, C3.
        var attributes: AlgorithmAttributes
        /// The key pair.
        var key: PrivateKey?
        /// Whether the key was made on the card (DO DE: 01) or imported (02).
        var isImported = false
        /// DO C7, C8, C9.
        var fingerprint = [UInt8](repeating: 0, count: 20)
        /// DO CA, CB, CC.
        var authorityFingerprint = [UInt8](repeating: 0, count: 20)
        /// DO CE, CF, D0.
        var generationTime = [UInt8](repeating: 0, count: 4)
        /// The first byte of DO D6, D7, D8 (section 4.4.2).
        var userInteraction: UInt8 = 0
        /// The occurrence of DO 7F21.
        var certificate: [UInt8] = []
    }

    /// What belongs to a key. Every key has an entry from the start.
    subscript(slot: OpenPGPKeySlot) -> Slot {
        get { slots[slot] ?? Slot(attributes: AlgorithmAttributes(.rsa2048, in: slot, exponentBits: 32)) }
        set { slots[slot] = newValue }
    }

    /// Puts a key into its place. A new signature key begins to count anew (section 4.4.1, DO 93).
    mutating func store(_ key: PrivateKey, isImported: Bool, in slot: OpenPGPKeySlot) {
        self[slot].key = key
        self[slot].isImported = isImported
        if slot == .signature { signatureCount = 0 }
    }
}

extension ReferenceData {
    /// The resetting code of a card that has none: its error counter is 0 (section 4.3.1).
    static func noResettingCode(tries: Int) -> ReferenceData { ReferenceData(value: [], tries: tries, triesLeft: 0) }

    /// Another number of tries, all of them left; a resetting code that is not there stays so.
    mutating func setTries(_ tries: Int) {
        self.tries = tries
        triesLeft = value.isEmpty ? 0 : tries
    }
}

/// What one kind of OpenPGP card offers. Section numbers here and in this folder are those of the "Functional
/// Specification of the OpenPGP application on ISO Smart Card Operating Systems", version 3.4.1.
struct OpenPGPFeatures: Hashable, Sendable {
    /// The specification's version, as the AID tells it (section 4.2.1): major and minor number.
    var version: [UInt8]
    /// The manufacturer in the AID (section 4.2.1).
    var manufacturer: UInt16
    /// The DO 5F52 (section 6).
    var historicalBytes: [UInt8]
    /// The algorithms that each key may have.
    var algorithms: [OpenPGPAlgorithm]
    /// The bits of an RSA key's exponent, in the algorithm attributes.
    var exponentBits: UInt8
    /// The keys that have a certificate of their own in DO 7F21, in the order of its occurrences (section 4.4.1).
    var certified: [OpenPGPKeySlot]
    /// The longest challenge, certificate and other DO (DO C0, section 4.4.3.7).
    var challengeLimit: Int
    var certificateLimit: Int
    var objectLimit: Int
    /// The longest password.
    var passwordLimit: Int
    /// The longest command and answer (DO 7F66, section 4.4.1); nil for a card without extended length.
    var extendedLengths: [UInt8]?
    /// Whether the algorithm attributes can be changed, and DO FA tells which there are (section 4.4.3.11).
    var changesAlgorithms: Bool
    /// Whether there is an AES key for PSO: DECIPHER and ENCIPHER (section 7.2.11).
    var hasSymmetricKey: Bool
    /// Whether there is a KDF-DO (section 4.3.2).
    var hasKeyDerivation: Bool
    /// Whether there is a button, and with it DO 7F74 and the user interaction flags (section 4.4.1).
    var hasButton: Bool
    /// Whether MANAGE SECURITY ENVIRONMENT is there (section 7.2.18).
    var managesEnvironment: Bool
    /// Whether a new card takes one PW1 for several signatures (the first byte of DO C4).
    var keepsPassword: Bool
    /// Whether the card is a YubiKey, with the quirks that are named where they are.
    var isYubiKey: Bool

    /// Whether the card is of this version of the specification, or of a later one.
    func isVersion(since major: UInt8, _ minor: UInt8 = 0) -> Bool {
        !version.lexicographicallyPrecedes([major, minor])
    }
}

extension OpenPGPFeatures {
    /// All that the specification has but secure messaging and biometrics. The AID says Nitrokey.
    static let version34 = OpenPGPFeatures(
        version: [3, 4], manufacturer: 0x000F,
        // Selection by full and partial name, DOs by GET DATA, no MF; chaining, extended length, and its information.
        historicalBytes: [0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0xE0, 0x05, 0x90, 0x00],
        algorithms: OpenPGPAlgorithm.allCases, exponentBits: 32, certified: [.authentication, .decryption, .signature],
        challengeLimit: 255, certificateLimit: 2048, objectLimit: 1024, passwordLimit: 127,
        extendedLengths: [0x02, 0x02, 0x10, 0x00, 0x02, 0x02, 0x10, 0x00], changesAlgorithms: true,
        hasSymmetricKey: true, hasKeyDerivation: true, hasButton: true, managesEnvironment: true,
        keepsPassword: false, isYubiKey: false)

    /// A YubiKey 5.7: the capabilities, lengths and historical bytes that ykman and gpg show of one.
    static let yubico = OpenPGPFeatures(
        version: [3, 4], manufacturer: 0x0006, historicalBytes: [0x00, 0x73, 0x00, 0x00, 0xE0, 0x05, 0x90, 0x00],
        algorithms: OpenPGPAlgorithm.allCases.filter { $0 != .ed448 && $0 != .x448 }, exponentBits: 17,
        certified: [.authentication, .decryption, .signature],
        challengeLimit: 0x0BFE, certificateLimit: 0x0800, objectLimit: 0xFF, passwordLimit: 127,
        extendedLengths: [0x02, 0x02, 0x0B, 0xFE, 0x02, 0x02, 0x0B, 0xFE], changesAlgorithms: true,
        hasSymmetricKey: false, hasKeyDerivation: true, hasButton: true, managesEnvironment: false,
        keepsPassword: true, isYubiKey: true)

    /// Version 2.0 of the specification, as Gnuk 1.0 has it.
    static let version20 = OpenPGPFeatures(
        version: [2, 0], manufacturer: 0xF517,
        historicalBytes: [0x00, 0x31, 0x84, 0x73, 0x80, 0x01, 0x80, 0x05, 0x90, 0x00],
        algorithms: [.rsa2048], exponentBits: 32, certified: [.authentication],
        challengeLimit: 255, certificateLimit: 1216, objectLimit: 254, passwordLimit: 32, extendedLengths: nil,
        changesAlgorithms: false, hasSymmetricKey: false, hasKeyDerivation: false, hasButton: false,
        managesEnvironment: false, keepsPassword: false, isYubiKey: false)
}

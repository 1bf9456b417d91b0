/// YubiKeys before the fifth: what OpenSC's card-piv.c, yubikit and Yubico's pages tell of them.
extension CardProfile {
    /// A YubiKey NEO of firmware 1.0.4, whose PIV application is 0.1.3 and later ones: RSA and P-256.
    static let yubiKeyNEO = CardProfile(
        name: "yubikey-neo", summary: "YubiKey NEO: 630x for a wrong PIN, a query that never says 9000, no P-384",
        // "YubikeyNEOr3": OpenSC issues 570 and 576, and card-piv.c.
        answerToReset: [
            0x3B, 0xFC, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15,
            0x59, 0x75, 0x62, 0x69, 0x6B, 0x65, 0x79, 0x4E, 0x45, 0x4F, 0x72, 0x33, 0xE1,
        ],
        vendor: .yubico(major: 1, minor: 0, patch: 4), openPGP: .neo, supportsExtendedLength: true, isT0: false,
        maximumDataLength: 2048,
        quirks: [.verify630X, .statusNeverVerified, .noP384, .longestCommand1390])

    /// A YubiKey 4 whose RSA keys are weak (CVE-2017-15361: 4.2.0 to 4.3.4), and whose query never says 9000 (before
    /// 4.3.2).
    static let yubiKey42 = CardProfile(
        name: "yubikey42", summary: "YubiKey 4, firmware 4.2.4: its RSA keys are weak (ROCA)",
        answerToReset: CardProfile.yubiKey4.answerToReset, vendor: .yubico(major: 4, minor: 2, patch: 4),
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.statusNeverVerified, .longestCommand2038])

    /// A YubiKey 4 without the weakness, with extended length, which `yubikey4-like` lacks.
    static let yubiKey435 = CardProfile(
        name: "yubikey435", summary: "YubiKey 4, firmware 4.3.5, as it is",
        answerToReset: CardProfile.yubiKey4.answerToReset, vendor: .yubico(major: 4, minor: 3, patch: 5),
        openPGP: .yubiKey4, supportsExtendedLength: true, isT0: false, maximumDataLength: 3072)
}

extension OpenPGPFeatures {
    /// A NEO: version 2.0, RSA 2048, one certificate (yubikit openpgp.py; OpenSC card-openpgp.c).
    static let neo: OpenPGPFeatures = {
        var features = version20
        features.manufacturer = 0x0006
        features.historicalBytes = [0x00, 0x73, 0x00, 0x00, 0x80, 0x05, 0x90, 0x00]
        features.passwordLimit = 127
        features.isYubiKey = true
        return features
    }()

    /// A YubiKey 4: version 2.1, RSA up to 4096, exponents of 17 bits only (OpenSC issue 1949).
    static let yubiKey4: OpenPGPFeatures = {
        var features = neo
        features.version = [2, 1]
        features.algorithms = [.rsa2048, .rsa3072, .rsa4096]
        features.exponentBits = 17
        features.changesAlgorithms = true
        features.hasButton = true
        return features
    }()
}

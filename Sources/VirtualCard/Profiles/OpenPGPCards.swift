/// OpenPGP cards and tokens without PIV.
extension CardProfile {
    /// ZeitControl's card of version 2.1, with the ATR that OpenSC's card-openpgp.c lists for versions 2.0 and 2.1 (of a Nitrokey
    /// Pro, which has that card: osx-ccid-installer issue 13).
    static let openPGP21 = CardProfile(
        name: "openpgp21", summary: "OpenPGP card 2.1 (ZeitControl): RSA up to 4096, one certificate, extended length",
        answerToReset: [
            0x3B, 0xDA, 0x18, 0xFF, 0x81, 0xB1, 0xFE, 0x75, 0x1F, 0x03,
            0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0x40, 0x00, 0x90, 0x00, 0x0C,
        ],
        vendor: .none, hasPIV: false, openPGP: .version21, supportsExtendedLength: true, isT0: false,
        maximumDataLength: 2048)

    /// ZeitControl's card of version 3.4, with the ATR that OpenSC and pcsc-tools' list have as "OpenPGP Card V3".
    static let zeitControl34 = CardProfile(
        name: "zeitcontrol34", summary: "OpenPGP card 3.4 (ZeitControl): RSA, NIST and Brainpool curves, no button",
        answerToReset: [
            0x3B, 0xDA, 0x18, 0xFF, 0x81, 0xB1, 0xFE, 0x75, 0x1F, 0x03,
            0x00, 0x31, 0xF5, 0x73, 0xC0, 0x01, 0x60, 0x00, 0x90, 0x00, 0x1C,
        ],
        vendor: .none, hasPIV: false, openPGP: .zeitControl34, supportsExtendedLength: true, isT0: false,
        maximumDataLength: 2048)

    /// Gnuk 1.2.15 on an FST-01: the ATR is the one of OpenSC's card-openpgp.c.
    static let gnuk = CardProfile(
        name: "gnuk", summary: "Gnuk 1.2: RSA 2048, P-256, secp256k1, Ed25519, X25519; 6A88 for no certificate",
        answerToReset: CardProfile.openPGP20.answerToReset, vendor: .none, hasPIV: false, openPGP: .gnuk,
        supportsExtendedLength: false, isT0: false, maximumDataLength: 2048, quirks: [.noCertificate6A88])

    /// SmartPGP 1.22 on a JCOP card, whose ATR is the one of OpenSC's list ("JCOPv241").
    static let smartPGP = CardProfile(
        name: "smartpgp",
        summary: "SmartPGP: signatures with zeros, 6982 for a blocked PIN, no SHA-1, import format 03",
        answerToReset: [
            0x3B, 0xF8, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0x4A, 0x43, 0x4F, 0x50, 0x76, 0x32, 0x34, 0x31, 0xB7,
        ],
        vendor: .none, hasPIV: false, openPGP: .smartPGP, supportsExtendedLength: true, isT0: false,
        maximumDataLength: 2048,
        quirks: [.signatureWithDERZeros, .blocked6982, .noSHA1, .missingKey6985, .importFormat3, .wantsPublicPoint])
}

extension OpenPGPFeatures {
    /// Version 2.1 of the specification: RSA of other sizes.
    static let version21: OpenPGPFeatures = {
        var features = version20
        features.version = [2, 1]
        features.manufacturer = 0x0005
        features.historicalBytes = [0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0x40, 0x05, 0x90, 0x00]
        features.algorithms = [.rsa2048, .rsa3072, .rsa4096]
        features.changesAlgorithms = true
        features.certificateLimit = 2048
        return features
    }()

    /// ZeitControl's 3.4: no curves of RFC 7748 and no button.
    static let zeitControl34: OpenPGPFeatures = {
        var features = version34
        features.manufacturer = 0x0005
        features.historicalBytes = [0x00, 0x31, 0xF5, 0x73, 0xC0, 0x01, 0x60, 0x05, 0x90, 0x00]
        features.algorithms = [
            .rsa2048, .rsa3072, .rsa4096, .p256, .p384, .p521, .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1,
        ]
        features.hasButton = false
        features.passwordLimit = 64
        return features
    }()

    /// Gnuk 1.2: version 2.0 in the AID, and curves (gnuk's openpgp-do.c).
    static let gnuk: OpenPGPFeatures = {
        var features = version20
        features.algorithms = [.rsa2048, .p256, .secp256k1, .ed25519, .x25519]
        features.changesAlgorithms = true
        features.hasKeyDerivation = true
        features.passwordLimit = 127
        return features
    }()

    /// SmartPGP: version 3.4 of nobody's manufacturer, RSA, NIST and Brainpool curves (its Constants.java).
    static let smartPGP: OpenPGPFeatures = {
        var features = version34
        features.manufacturer = 0xAFAF
        features.historicalBytes = [0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0x80, 0x05, 0x90, 0x00]
        features.algorithms = [
            .rsa2048, .rsa3072, .rsa4096, .p256, .p384, .p521, .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1,
        ]
        features.certificateLimit = 1152
        features.hasButton = false
        features.managesEnvironment = false
        return features
    }()
}

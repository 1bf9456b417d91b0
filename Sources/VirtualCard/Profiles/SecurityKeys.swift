/// Security keys of other makers that have some of Yubico's commands.
extension CardProfile {
    /// Nitrokey 3: what trussed-dev's piv-authenticator does. The ATR is the one that pynitrokey looks for (its
    /// pull request 642).
    static let nitrokey3 = CardProfile(
        name: "nitrokey3", summary: "Nitrokey 3: empty metadata, one serial number for all, no CHUID, no attestation",
        answerToReset: [
            0x3B, 0x8F, 0x01, 0x80, 0x5D, 0x4E, 0x69, 0x74, 0x72, 0x6F, 0x6B, 0x65, 0x79, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x6A,
        ],
        // GET VERSION 06.06.06. No SET PIN RETRIES; what is not there answers 6A81.
        vendor: .alike(
            YubicoAlike(
                version: [6, 6, 6], instructions: [0xFD, 0xF8, 0xF7, 0xFB, 0xFF], algorithms: [0x07, 0x11],
                keepsAnyObject: false)),
        openPGP: .version34, supportsExtendedLength: true, isT0: false, maximumDataLength: 4096,
        quirks: [
            .nitrokeySelect, .metadataEmpty, .serialConstant, .noCHUID, .noAttestation, .changePIN6300,
            .wrongManagementKey6A80, .resetByPINAlone, .missingObjectAnswers[7],
        ])

    /// Token2 PIN+ of release 3.3: PivApplet with more of Yubico's commands (OpenSC issue 3545, pull request 3559). The
    /// ATR is the one in that issue.
    static let token2 = CardProfile(
        name: "token2", summary: "Token2 PIN+ R3.3: PivApplet's metadata, Ed25519, RSA-4096, FASC-N of zeros",
        answerToReset: [
            0x3B, 0x8F, 0x80, 0x01, 0x54, 0x4B, 0x00, 0x50, 0x49, 0x56, 0x04, 0x02, 0x38, 0x38, 0x38, 0x38, 0x38, 0x38,
            0x38, 0x60,
        ],
        vendor: .alike(
            YubicoAlike(
                version: [5, 7, 1], instructions: [0xFD, 0xF8, 0xF7, 0xFE, 0xFF, 0xFA, 0xFB, 0xF9],
                algorithms: [0x06, 0x07, 0x05, 0x16, 0x11, 0x14, 0xE0, 0xE1], keepsAnyObject: true)),
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.metadataOfEmptyPlaces, .fascnOfZeros, .pinTooSimple])

    /// Swissbit iShield Key 2: OpenFIPS201 with a GET VERSION of four bytes and a constant for metadata (keyroost issue
    /// 113; its ATR and algorithms: Swissbit's OpenSC minidriver). Keys are made by the issuer's tool.
    static let swissbit2 = CardProfile(
        name: "swissbit-ishield2", summary: "Swissbit iShield Key 2: the same metadata for every place",
        answerToReset: [
            0x3B, 0xD5, 0x18, 0xFF, 0x81, 0xB1, 0xFE, 0x45, 0x1F, 0xC3, 0x80, 0x73, 0xC8, 0x21, 0x10, 0x6F,
        ],
        vendor: .alike(
            YubicoAlike(
                version: [1, 1, 0, 0], instructions: [0xFD, 0xF7], algorithms: [0x06, 0x07, 0x05, 0x11, 0x14])),
        supportsExtendedLength: true, isT0: false, maximumDataLength: 4096, quirks: [.metadataConstant])

    /// CanoKey: canokey-core 3, whose numbers are Yubico's. The ATR is that of its ccid.c.
    static let canokey = CardProfile(
        name: "canokey", summary: "CanoKey: says 5.7.0, two retired keys, 9C is PIN once, 6985 for an empty place",
        answerToReset: [
            0x3B, 0xF7, 0x11, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x65, 0x43, 0x61, 0x6E, 0x6F, 0x6B, 0x65, 0x79, 0x99,
        ],
        vendor: .alike(
            YubicoAlike(
                version: [5, 7, 0], instructions: [0xFD, 0xF8, 0xF7, 0xFE, 0xFF, 0xFB, 0xF9, 0xF6],
                algorithms: [0x07, 0x05, 0x16, 0x11, 0x14, 0xE0, 0xE1], signaturePolicy: .once)),
        openPGP: .canokey, supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [
            .emptyPlace6985, .twoRetiredKeys, .noObjectsForHistory, .selectDataOnce, .statusOfEitherMode,
        ])

    /// PivApplet 0.9.0 on a Java card, as jCardSim runs it: the ATR is that of its test/jcardsim.cfg, without historical bytes.
    static let pivApplet = CardProfile(
        name: "pivapplet",
        summary: "PivApplet: no historical bytes, metadata 6F00 for imported keys, answers of 256 bytes",
        answerToReset: [0x3B, 0x80, 0x80, 0x01, 0x01],
        vendor: .alike(
            YubicoAlike(
                version: [5, 4, 0], instructions: [0xFD, 0xF8, 0xF7, 0xFE, 0xFF, 0xFA, 0xFB, 0xF9],
                algorithms: [0x06, 0x07, 0x11, 0x14], keepsAnyObject: true)),
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [
            .pivAppletSelect, .metadata6F00Imported, .metadataOfEmptyPlaces, .metadataOriginReversed,
            .elevenRetiredKeys, .bytesAfterAttestation, .longestAnswer255, .statusVerifiedAfterSelect,
        ])
}

extension Quirk {
    /// What these cards alone do.
    static let securityKeys = [nitrokeySelect, pivAppletSelect]

    /// Label, address, and for each algorithm an AC of its own.
    static let pivAppletSelect = select(
        "pivapplet-select", "SELECT of PIV answers with a label, an address and one AC for each algorithm, 3DES first",
        source: "PivApplet 0.9.0: PivApplet.java, sendSelectResponse and pushAlgorithm",
        BER.object(
            0x61,
            BER.object(0x4F, [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00])
                + BER.object(0x79, BER.object(0x4F, [0xA0, 0x00, 0x00, 0x03, 0x08]))
                + BER.object(0x50, Array("PivApplet v0.9.0/REeAxaD".utf8))
                + BER.object(0x5F50, Array("github.com/arekinath/PivApplet".utf8))
                + ([0x03, 0x0C, 0x07, 0x11, 0x14] as [UInt8]).flatMap {
                    BER.object(0xAC, BER.object(0x80, [$0]) + BER.object(0x06, [0x00]))
                }))

    /// Label, address, and the algorithms in AC, of which it has not all.
    static let nitrokeySelect = select(
        "nitrokey-select", "SELECT of PIV answers with a label, an address and in AC algorithms that are not all there",
        source: "Nitrokey 3: piv-authenticator lib.rs, select, and piv_types.rs, ApplicationPropertyTemplate",
        BER.object(
            0x61,
            BER.object(0x4F, [0x00, 0x00, 0x10, 0x00, 0x01, 0x00]) + BER.object(0x50, Array("Nitrokey PIV".utf8))
                + BER.object(0x5F50, Array("https://github.com/Nitrokey/piv-authenticator".utf8))
                + BER.object(
                    0xAC,
                    ([0x03, 0x0C, 0x11, 0xE0, 0xE1, 0x07] as [UInt8]).flatMap { BER.object(0x80, [$0]) }
                        + BER.object(0x06, [0x00]))
                + BER.object(0x79, BER.object(0x4F, [0xA0, 0x00, 0x00, 0x03, 0x08]))))
}

extension OpenPGPFeatures {
    /// CanoKey's OpenPGP application: version 3.4, three certificates, no AES key (canokey-core openpgp.c).
    static let canokey: OpenPGPFeatures = {
        var features = version34
        features.manufacturer = 0xF1D0
        features.historicalBytes = [0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0x80, 0x05, 0x90, 0x00]
        features.algorithms = [.rsa2048, .rsa3072, .rsa4096, .p256, .p384, .secp256k1, .ed25519, .x25519]
        features.hasSymmetricKey = false
        features.hasKeyDerivation = false
        features.managesEnvironment = false
        return features
    }()
}

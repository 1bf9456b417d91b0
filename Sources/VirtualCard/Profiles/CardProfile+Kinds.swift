extension CardProfile {
    /// All profiles, the default first.
    public static let all = [
        yubiKey57, yubiKeyShort, yubiKey52, yubiKey4, pinless, plain, plainGlobal, yubiKey57Both, openPGP34, openPGP20,
        yubiKeyNEO, yubiKey42, yubiKey435, yubiKey52Both, yubiKey54FIPS, yubiKey57Complex, yubiKeyBio, yubiKey57NFC,
        yubiKey57ACR122, nitrokey3, token2, swissbit2, canokey, pivApplet, dodCAC, dodCACGlobal, gdAlternate, idemia,
        idemiaContactless, openPGP21, zeitControl34, gnuk, smartPGP,
    ]

    /// The profile of this name.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// A YubiKey 5.7. Its ATR is that of the real one.
    public static let yubiKey57 = CardProfile(
        name: "yubikey57", summary: "YubiKey 5, firmware 5.7.1, extended length",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: true,
        isT0: false, maximumDataLength: yubicoDataLength)

    /// The same without extended length; the bit for it in the ATR's card capabilities is clear.
    public static let yubiKeyShort = CardProfile(
        name: "yubikey-short", summary: "the same without extended length",
        answerToReset: shortATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: false,
        isT0: false, maximumDataLength: yubicoDataLength)

    /// A YubiKey 5 of before firmware 5.3: the same answer to reset, and no GET METADATA.
    public static let yubiKey52 = CardProfile(
        name: "yubikey52", summary: "YubiKey 5, firmware 5.2.7: no GET METADATA",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 2, patch: 7), supportsExtendedLength: true,
        isT0: false, maximumDataLength: yubicoDataLength)

    /// A YubiKey 4, with the ATR of the real one ("Yubikey4").
    public static let yubiKey4 = CardProfile(
        name: "yubikey4-like", summary: "firmware 4.3.5: no GET METADATA, no GET SERIAL, 3DES management key",
        answerToReset: [
            0x3B, 0xF8, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15,
            0x59, 0x75, 0x62, 0x69, 0x6B, 0x65, 0x79, 0x34, 0xD4,
        ],
        vendor: .yubico(major: 4, minor: 3, patch: 5), supportsExtendedLength: false, isT0: false,
        maximumDataLength: yubicoDataLength)

    /// A YubiKey 5.7 whose new keys have the PIN policy "never".
    public static let pinless = CardProfile(
        name: "yubikey57-pinless", summary: "yubikey57 whose new keys ask for no PIN",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: true,
        isT0: false, maximumDataLength: yubicoDataLength, isPINless: true)

    /// A plain PIV card with contacts alone: T=0, short length, no commands beyond SP 800-73.
    public static let plain = CardProfile(
        name: "plain-piv", summary: "PIV card with contacts: SP 800-73 alone, T=0, short length, 3DES",
        answerToReset: plainATR, vendor: .none, supportsExtendedLength: false, isT0: true,
        maximumDataLength: plainDataLength)

    /// The same with a global PIN that is the primary one.
    public static let plainGlobal = CardProfile(
        name: "plain-piv-global", summary: "the same, whose Discovery object names the global PIN as primary",
        answerToReset: plainATR, vendor: .none, supportsExtendedLength: false, isT0: true,
        maximumDataLength: plainDataLength, pinUsagePolicy: [0x60, 0x20])

    /// A YubiKey 5.7 with both applications.
    public static let yubiKey57Both = CardProfile(
        name: "yubikey57-both", summary: "yubikey57 that has the OpenPGP application beside PIV",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 7, patch: 1), openPGP: .yubico,
        supportsExtendedLength: true, isT0: false, maximumDataLength: yubicoDataLength)

    /// An OpenPGP card of today, without PIV: what Gnuk, Nitrokey 3 and ZeitControl's cards have, in one.
    public static let openPGP34 = CardProfile(
        name: "openpgp34", summary: "OpenPGP card 3.4 alone: RSA and elliptic curves, extended length, chaining",
        answerToReset: [0x3B, 0xDA, 0x18, 0xFF, 0x81, 0xB1, 0xFE, 0x75, 0x1F, 0x03]
            + OpenPGPFeatures.version34.historicalBytes + [0xA9],
        vendor: .none, hasPIV: false, openPGP: .version34, supportsExtendedLength: true, isT0: false,
        maximumDataLength: 4096)

    /// An old OpenPGP card, with the ATR of Gnuk 1.0, as OpenSC's card-openpgp.c lists it.
    public static let openPGP20 = CardProfile(
        name: "openpgp20", summary: "OpenPGP card 2.0 alone: RSA 2048, one certificate, short length with chaining",
        answerToReset: [
            0x3B, 0xDA, 0x11, 0xFF, 0x81, 0xB1, 0xFE, 0x55, 0x1F, 0x03,
            0x00, 0x31, 0x84, 0x73, 0x80, 0x01, 0x80, 0x00, 0x90, 0x00, 0xE4,
        ],
        vendor: .none, hasPIV: false, openPGP: .version20, supportsExtendedLength: false, isT0: false,
        maximumDataLength: 2048)

    /// Historical bytes "80 73 C0 21 C0 57 YubiKey"; the third byte of the capabilities says chaining and extended
    /// length.
    private static let yubiKey5ATR: [UInt8] = [
        0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57,
        0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x40,
    ]
    private static let shortATR: [UInt8] = [
        0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0x80, 0x57,
        0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x00,
    ]
    /// That of a Gemalto PIV card, as OpenSC's card-piv.c lists it: no TD1, so T=0 alone; no card capabilities.
    private static let plainATR: [UInt8] = [
        0x3B, 0x7D, 0x96, 0x00, 0x00, 0x80, 0x31, 0x80, 0x65, 0xB0, 0x83, 0x11, 0x00, 0xAC, 0x83, 0x00, 0x90, 0x00,
    ]
    /// The buffer that yubico-piv-tool reckons with (its YKPIV_OBJ_MAX_SIZE).
    private static let yubicoDataLength = 3072
    private static let plainDataLength = 4096

    /// What a card has beside PIV and OpenPGP: a YubiKey its management application; a PIV card its card manager
    /// (GlobalPlatform Card Specification, section 11.9), whose answer to SELECT is an empty template here.
    func otherApplications(_ memory: CardMemory) -> [any CardApplication] {
        if case .yubico(let major, let minor, let patch) = vendor {
            return [ManagementApplication(memory, firmware: [major, minor, patch])]
        }
        guard hasPIV else { return [] }
        return [
            BareApplication(
                identifier: [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00],
                answer: [0x6F, 0x0A, 0x84, 0x08, 0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00])
        ]
    }
}

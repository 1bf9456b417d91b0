/// YubiKeys of the fifth series: what yubikit, gnupg and OpenSC tell of them.
extension CardProfile {
    /// Historical bytes "80 73 C0 21 C0 57 YubiKey", over contacts.
    private static let contacts = CardProfile.yubiKey57.answerToReset
    /// The same behind the prefix that PC/SC gives contactless cards (part 3, section 3.1.3.2.3), as pcsc_scan shows it of a
    /// YubiKey 5 over NFC.
    private static let contactless: [UInt8] = [
        0x3B, 0x8D, 0x80, 0x01, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57, 0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0xF9,
    ]

    /// A YubiKey 5.2 with both applications. Its OpenPGP data objects are the odd ones.
    static let yubiKey52Both = CardProfile(
        name: "yubikey52-both", summary: "YubiKey 5.2 with OpenPGP: three oddities of its algorithm attributes",
        answerToReset: contacts, vendor: .yubico(major: 5, minor: 2, patch: 7), openPGP: .yubico,
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.informationTooLong, .agreementAsEdwards, .byteAfterCurve, .selectDataWithLength])

    /// A YubiKey 5 FIPS of firmware 5.4.
    static let yubiKey54FIPS = CardProfile(
        name: "yubikey54-fips", summary: "YubiKey 5 FIPS, firmware 5.4.3: no policy \"never\", no RSA-1024",
        answerToReset: contacts, vendor: .yubico(major: 5, minor: 4, patch: 3), openPGP: .yubico,
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.policiesOfFIPS, .informationTooLong, .agreementAsEdwards, .selectDataWithLength])

    /// A YubiKey 5.7 whose owner switched PIN complexity on, as FIPS 5.7 always has it.
    static let yubiKey57Complex = CardProfile(
        name: "yubikey57-fips", summary: "YubiKey 5 FIPS, firmware 5.7.4: PIN of eight, not a simple one",
        answerToReset: contacts, vendor: .yubico(major: 5, minor: 7, patch: 4), openPGP: .yubico,
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.policiesOfFIPS, .pinTooSimple, .noShortPIN, .informationTooLong])

    /// A YubiKey Bio of the multi-protocol edition with a fingerprint enrolled; it has no OpenPGP.
    static let yubiKeyBio = CardProfile(
        name: "yubikey-bio", summary: "YubiKey Bio, firmware 5.7.2, with a fingerprint enrolled",
        answerToReset: contacts, vendor: .yubico(major: 5, minor: 7, patch: 2), supportsExtendedLength: true,
        isT0: false, maximumDataLength: 3072, quirks: [.biometricPolicies, .resetRefused])

    /// A YubiKey 5.7 on a contactless reader that passes no extended APDUs and answers nothing.
    static let yubiKey57NFC = CardProfile(
        name: "yubikey57-nfc", summary: "YubiKey 5.7 over NFC, on a reader that answers extended APDUs with nothing",
        answerToReset: contactless, vendor: .yubico(major: 5, minor: 7, patch: 1), openPGP: .yubico,
        supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.extendedNothing, .informationTooLong])

    /// The same on an ACS ACR122, which damages the end of the answer to reset ("YubiKe" and a byte FF: OpenSC card-piv.c,
    /// piv_match_card_continued; the pcsc-tools list).
    static let yubiKey57ACR122 = CardProfile(
        name: "yubikey57-acr122", summary: "YubiKey 5.7 over NFC, on a reader that damages its answer to reset",
        answerToReset: contactless.dropLast(2) + [0xFF, 0x7F], vendor: .yubico(major: 5, minor: 7, patch: 1),
        openPGP: .yubico, supportsExtendedLength: true, isT0: false, maximumDataLength: 3072,
        quirks: [.extendedAnswers[1], .informationTooLong])
}

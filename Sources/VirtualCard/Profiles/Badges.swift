/// PIV badges: cards that their issuer has filled. Their ATRs are those of OpenSC's card-piv.c, piv_atrs.
extension CardProfile {
    /// A DoD CAC of Giesecke & Devrient in PIV mode, with contacts.
    static let dodCAC = CardProfile(
        name: "dod-cac", summary: "DoD CAC (G&D) in PIV mode: T=0, Discovery 6A80, SELECT forgets the PIN",
        answerToReset: giesecke, vendor: .none, supportsExtendedLength: false, isT0: true, maximumDataLength: 4096,
        quirks: [.discoveryRefusals[0], .statusNeverVerified, .selectLosesLogin, .noChallenge, .newKeysRefused])

    /// One whose PIN is the Global PIN, and which has no Discovery object to say so.
    static let dodCACGlobal = CardProfile(
        name: "dod-cac-global", summary: "the same whose only PIN is the Global PIN (654321)",
        answerToReset: giesecke, vendor: .none, supportsExtendedLength: false, isT0: true, maximumDataLength: 4096,
        pinUsagePolicy: [0x60, 0x20],
        quirks: [.discoveryRefusals[0], .globalPINAlone, .statusNeverVerified, .noChallenge, .newKeysRefused])

    /// Giesecke+Devrient's StarSign SCE7, the "DoD Alternate Token" of 2025.
    static let gdAlternate = CardProfile(
        name: "gd-alternate-token", summary: "G+D SCE7: SELECT with a bare RID and another PIX, T=0",
        answerToReset: [
            0x3B, 0xF9, 0x18, 0x00, 0x00, 0x00, 0x53, 0x43, 0x45, 0x37, 0x20, 0x03, 0x00, 0x20, 0x46,
        ],
        vendor: .none, supportsExtendedLength: false, isT0: true, maximumDataLength: 4096,
        quirks: [.selectBareRID, .noDiscovery, .newKeysRefused])

    /// IDEMIA's Cosmo V8.0 with contacts.
    static let idemia = CardProfile(
        name: "idemia-piv", summary: "IDEMIA Cosmo V8.0 badge with contacts: T=0, no P-384 in 9D to 95 that signs",
        answerToReset: [
            0x3B, 0xD8, 0x18, 0x00, 0x80, 0xB1, 0xFE, 0x45, 0x1F, 0x07, 0x80, 0x31, 0xC1, 0x64, 0x08, 0x06, 0x92, 0x0F,
            0xD5,
        ],
        vendor: .none, supportsExtendedLength: false, isT0: true, maximumDataLength: 4096,
        quirks: [.managementOnlyAgrees, .absentPrivateObject, .emptyCertificate])

    /// The same card without contacts, over which it takes no PIN (SP 800-73-5 part 1, table 3).
    static let idemiaContactless = CardProfile(
        name: "idemia-contactless", summary: "an IDEMIA badge without contacts: no PIN over this interface",
        answerToReset: [0x3B, 0x86, 0x80, 0x01, 0x80, 0x31, 0xC1, 0x52, 0x41, 0x1A, 0x7E], vendor: .none,
        supportsExtendedLength: false, isT0: false, maximumDataLength: 4096,
        quirks: [.noPINHere[0], .managementOnlyAgrees, .newKeysRefused])

    private static let giesecke: [UInt8] = [
        0x3B, 0x7A, 0x18, 0x00, 0x00, 0x73, 0x66, 0x74, 0x65, 0x20, 0x63, 0x64, 0x31, 0x34, 0x34,
    ]
}

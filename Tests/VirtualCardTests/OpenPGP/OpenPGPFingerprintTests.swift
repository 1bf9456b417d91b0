import HostCrypto
import Testing

@testable import VirtualCard

@Suite("OpenPGP: fingerprints of keys that a card is delivered with")
struct OpenPGPFingerprintTests {
    /// What gpg 2.2.40 wrote to a card (DO C7 to C9, CE to D0) for keys that it had the card make.
    static let cases: [(OpenPGPKeySlot, OpenPGPAlgorithm, time: UInt32, key: String, fingerprint: String)] = [
        (
            .signature, .ed25519, 0x6B05_B100,
            "302a300506032b6570032100ab1ccb7a851a697c3f5cdbfdec8ef7b026d920b1b897cb18ff96f5cddc14c537",
            "45c4810e1d00ab28d031fd225cf51bd3882c618c"
        ),
        (
            .decryption, .x25519, 0x6B05_B100,
            "302a300506032b656e0321003ef9379cfd88b80eb1ecaf6e83bbeb067fcf8c9923efeb51f389440772343465",
            "0687587e834b77606bd7bf68aa6ac6486359593f"
        ),
        (
            .authentication, .p256, 0x6B05_B102,
            "3059301306072a8648ce3d020106082a8648ce3d0301070342000413f48c8d34cd2a97448ac3fc29d9c8835f4f4c0611a0209eeb"
                + "e0f01c28cc1bb122320116c47d525e979eef1e9a777c8fce3741484f17d4304068b4c15c0e790b",
            "1eedbfade802957b0a4a303c0957f2c51c854877"
        ),
        (
            .decryption, .p256, 0x6B05_B102,
            "3059301306072a8648ce3d020106082a8648ce3d03010703420004dbe9f25f0a8d77af4de79dc368f68e135a8f7a5a2f4d440a75"
                + "da598fcf37695aeae03668ee12e8c3225028ee269fc4c015eeb8e674018518608ca9e108ddfa3d",
            "46b321e6c287ae7902674784fe57e8b4ad9b1974"
        ),
        (
            .decryption, .p384, 0x6B05_B104,
            "3076301006072a8648ce3d020106052b8104002203620004aacaec3f9c1ddb135a1b2c7f5db737168bae9c0b379fc186848e0deb"
                + "2debedd75283ff8a9de7c994d2fc48fe273fdb90871222283c9c238a9a81c4d08b256ca563c335920341f6f141ccc15a192c"
                + "f7a05901d6a7215a2f1f43f0ab1576360a4f",
            "57ef4101b4f42ae51e9ce4cae0c36c30a2d02ddb"
        ),
    ]

    @Test("As gpg has them", arguments: cases)
    func fingerprint(
        _ slot: OpenPGPKeySlot, _ algorithm: OpenPGPAlgorithm, _ time: UInt32, _ key: String, _ fingerprint: String
    ) throws {
        let key = try PublicKey(subjectPublicKeyInfo: #require(bytes(hexadecimal: key)))
        let own = try OpenPGPFingerprint.fingerprint(of: key, algorithm, in: slot, time: time)
        #expect(hexadecimal(own) == fingerprint)
    }
}

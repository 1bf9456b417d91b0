import HostCrypto

/// The containers that identify a card.
extension CardBuilder {
    /// CHUID (SP 800-73-5 part 1, section 3.1.2): FASC-N, GUID, expiry date, no signature. The FASC-N is the one that
    /// yubico-piv-tool and ykman write: agency 9999, system 9999, credential 999999, a card of nobody's agency.
    static func cardHolderUniqueIdentifier() throws(HostCryptoError) -> [UInt8] {
        let number: [UInt8] = [
            0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
            0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
        ]
        return BER.object(0x30, number) + BER.object(0x34, try Random.bytes(16))
            + BER.object(0x35, Array("20491231".utf8)) + [0x3E, 0x00, 0xFE, 0x00]
    }

    /// CCC (SP 800-73-5 part 1, section 3.1.1): a random card identifier behind the issuer's part that yubico-piv-tool
    /// writes, capabilities as in its template.
    static func cardCapabilityContainer() throws(HostCryptoError) -> [UInt8] {
        let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02] + (try Random.bytes(14))
        let empty: [UInt8] = [0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE]
        return BER.object(0xF0, identifier) + [0xF1, 0x01, 0x21, 0xF2, 0x01, 0x21, 0xF3, 0x00, 0xF4, 0x01, 0x00]
            + [0xF5, 0x01, 0x10] + empty.flatMap { [$0, 0x00] }
    }
}

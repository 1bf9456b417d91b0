import ISO7816

/// The Card Capability Container (SP 800-73-5 part 1, section 3.1.1 and appendix A, table 9).
enum CardCapabilityContainer {
    /// The container of a card that has nothing to say of itself: all objects but the card identifier (F0), the versions
    /// (F1, F2) and the data model (F5) are empty.
    ///
    /// - Parameter random: makes the card identifier, which no other card is to have: GSC-RID A0 00 00 01 16, manufacturer
    ///   FF, card type 02 (a Java card), and fourteen bytes.
    static func value(random: [UInt8]) -> [UInt8] {
        let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02] + random.prefix(14)
        let objects: [(UInt32, [UInt8])] = [
            (0xF0, identifier), (0xF1, [0x21]), (0xF2, [0x21]), (0xF3, []), (0xF4, [0x00]), (0xF5, [0x10]),
            (0xF6, []), (0xF7, []), (0xFA, []), (0xFB, []), (0xFC, []), (0xFD, []), (0xFE, []),
        ]
        return objects.flatMap { [UInt8](tag: $0.0, $0.1) }
    }
}

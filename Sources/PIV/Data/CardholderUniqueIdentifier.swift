import ISO7816

/// The Card Holder Unique Identifier (SP 800-73-5 part 1, section 3.1.2), as far as it names the card.
package struct CardholderUniqueIdentifier: Hashable {
    /// The FASC-N (tag 30), 25 bytes, where the card has a real one.
    let fascN: [UInt8]?
    /// The GUID (tag 34), 16 bytes, where it is not all zero.
    let guid: [UInt8]?

    package init(parsing bytes: [UInt8]) {
        let reader = TLVReader(bytes)
        let fascN = reader.first(0x30).map { Array($0.value) }
        let guid = reader.first(0x34).map { Array($0.value) }
        // A card that belongs to no federal agency has agency code 9999 in its FASC-N, so that every such card has
        // the same: start sentinel and four nines in five-bit BCD. Others have four zeros there (pivy), or nothing but zero
        // bytes (Token2).
        let isPlaceholder =
            fascN.map { bytes in
                bytes.starts(with: [0xD4, 0xE7, 0x39]) || bytes.starts(with: [0xD0, 0x42, 0x10])
                    || bytes.starts(with: [0xD0, 0x42, 0x11]) || bytes.allSatisfy { $0 == 0 }
            } ?? true
        self.fascN = fascN?.count == 25 && !isPlaceholder ? fascN : nil
        self.guid = guid?.count == 16 && guid?.contains { $0 != 0 } == true ? guid : nil
    }

    /// The identifier of a card that belongs to no federal agency: the FASC-N that all such cards have, a GUID that no other
    /// card is to have, the last day of what the specification's dates can be, no signature.
    ///
    /// - Parameter random: sixteen bytes for the GUID.
    static func value(random: [UInt8]) -> [UInt8] {
        // Agency code 9999, system code 9999, credential number 999999 (PACS 2.3, section 2.1).
        let fascN: [UInt8] = [
            0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE, 0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
            0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB,
        ]
        // A random UUID (RFC 9562, section 5.4).
        var guid = random
        guid[6] = guid[6] & 0x0F | 0x40
        guid[8] = guid[8] & 0x3F | 0x80
        return [UInt8](tag: 0x30, fascN) + [UInt8](tag: 0x34, guid) + [UInt8](tag: 0x35, Array("20991231".utf8))
            + [UInt8](tag: 0x3E, []) + [UInt8](tag: 0xFE, [])
    }

    /// The last sixteen hexadecimal digits of the number that is unique to the card.
    var serialNumber: String? { (fascN ?? guid).map { hexadecimal($0.suffix(8)) } }
}

/// Lower-case hexadecimal digits, two for each byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

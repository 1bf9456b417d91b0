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
        // the same: start sentinel and four nines in five-bit BCD.
        let isPlaceholder = fascN.map { $0.starts(with: [0xD4, 0xE7, 0x39]) } ?? true
        self.fascN = fascN?.count == 25 && !isPlaceholder ? fascN : nil
        self.guid = guid?.count == 16 && guid?.contains { $0 != 0 } == true ? guid : nil
    }

    /// The last sixteen hexadecimal digits of the number that is unique to the card.
    var serialNumber: String? { (fascN ?? guid).map { hexadecimal($0.suffix(8)) } }
}

/// Lower-case hexadecimal digits, two for each byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

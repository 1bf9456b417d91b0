/// The historical bytes of an answer to reset (ISO/IEC 7816-3, section 8.2; ISO/IEC 7816-4, section 12.1.1).
public struct HistoricalBytes: Hashable, Sendable {
    /// The bytes, at most 15.
    public let bytes: [UInt8]

    /// Finds the historical bytes in an answer to reset; none where it is malformed.
    public init(answerToReset atr: [UInt8]) {
        guard atr.count >= 2 else {
            bytes = []
            return
        }
        var position = 2
        var indicator = atr[1]
        // Each Y nibble says which of TA, TB, TC and TD follow; TD holds the next Y.
        while true {
            position += (indicator >> 4 & 0b0111).nonzeroBitCount
            guard indicator & 0x80 != 0 else { break }
            guard position < atr.count else {
                bytes = []
                return
            }
            indicator = atr[position]
            position += 1
        }
        bytes = Array(atr.dropFirst(position).prefix(Int(atr[1] & 0x0F)))
    }

    /// The card capabilities of three bytes (compact TLV with tag 7): bit 7 of the third byte says that Lc and Le
    /// may be extended.
    public var supportsExtendedLength: Bool {
        guard let capabilities = compactTLV(tag: 7), capabilities.count >= 3 else { return false }
        return capabilities[capabilities.startIndex + 2] & 0x40 != 0
    }

    /// Whether the bytes hold this ASCII text.
    public func contains(_ text: StaticString) -> Bool {
        let wanted = [UInt8](text.description.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    private func compactTLV(tag: UInt8) -> ArraySlice<UInt8>? {
        guard let category = bytes.first, category == 0x00 || category == 0x80 else { return nil }
        // Category 00 ends with three bytes of status that are not compact TLV.
        var rest = category == 0 ? bytes.dropFirst().dropLast(3) : bytes.dropFirst()
        while let head = rest.first {
            let length = Int(head & 0x0F)
            rest = rest.dropFirst()
            guard rest.count >= length else { return nil }
            if head >> 4 == tag { return rest.prefix(length) }
            rest = rest.dropFirst(length)
        }
        return nil
    }
}

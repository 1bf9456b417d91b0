import Platform

/// Writes the bytes of one command (ISO/IEC 7816-4, section 5.2).
package struct APDUEncoder {
    /// Whether the length fields have the extended form: 00 and two bytes for Lc, two bytes for Le.
    package let extended: Bool

    /// An encoder of one of the two forms.
    package init(extended: Bool) { self.extended = extended }

    /// The bytes of a command: at most 65535 bytes of data in the extended form, 255 in the short one; `ne` is the
    /// most bytes that the answer may have (0: no Le field), cut to 256 in the short form. The array is allocated
    /// once at its final size, so that wiping it wipes the only copy of a secret.
    package func encode(_ header: CommandHeader, data: RawSpan, ne: Int) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(4 + 3 + data.byteCount + 3)
        bytes.append(header.cla)
        bytes.append(header.ins)
        bytes.append(header.p1)
        bytes.append(header.p2)
        if data.byteCount > 0 {
            appendLength(data.byteCount, marked: true, to: &bytes)
            bytes.append(contentsOf: data)
        }
        if ne > 0 {
            appendLength(extended ? ne & 0xFFFF : min(ne, 256) & 0xFF, marked: data.byteCount == 0, to: &bytes)
        }
        return bytes
    }

    /// The first length field of an extended command is marked by a byte 00 of its own.
    private func appendLength(_ length: Int, marked: Bool, to bytes: inout [UInt8]) {
        guard extended else {
            bytes.append(UInt8(truncatingIfNeeded: length))
            return
        }
        if marked { bytes.append(0) }
        bytes.append(UInt8(truncatingIfNeeded: length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length))
    }
}

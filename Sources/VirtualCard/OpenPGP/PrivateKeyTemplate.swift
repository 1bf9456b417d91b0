import APDU

/// A private key to be imported: the extended header list 4D (section 4.4.3.12).
struct PrivateKeyTemplate: Hashable {
    let slot: OpenPGPKeySlot
    /// The key's numbers, by the tags that 7F48 names.
    let elements: [UInt8: [UInt8]]

    /// Reads 4D {B6, B8 or A4; 7F48 with tags and lengths; 5F48 with the values one after the other}.
    init(_ data: [UInt8]) throws(Refusal) {
        let outer = try dataObjects(data)
        guard outer.count == 1, outer[0].tag == 0x4D else { throw Refusal(.incorrectData) }
        let parts = try dataObjects(outer[0].value)
        guard parts.count == 3, let slot = OpenPGPKeySlot(controlReference: parts[0]), parts[1].tag == 0x7F48,
            parts[2].tag == 0x5F48
        else { throw Refusal(.incorrectData) }
        self.slot = slot
        var values = parts[2].value
        var elements: [UInt8: [UInt8]] = [:]
        var headers = HeaderList(parts[1].value)
        while let (tag, length) = try headers.next() {
            guard values.count >= length, elements[tag] == nil else { throw Refusal(.incorrectData) }
            elements[tag] = Array(values.prefix(length))
            values = values.dropFirst(length)
        }
        guard values.isEmpty else { throw Refusal(.incorrectData) }
        self.elements = elements
    }
}

/// Tags and lengths without values (ISO/IEC 7816-4, section 8.4.5). The tags here have one byte.
private struct HeaderList {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next tag and length, or nil at the end.
    mutating func next() throws(Refusal) -> (tag: UInt8, length: Int)? {
        guard let tag = rest.popFirst() else { return nil }
        guard let first = rest.popFirst() else { throw Refusal(.incorrectData) }
        guard first >= 0x80 else { return (tag, Int(first)) }
        let count = Int(first & 0x7F)
        guard (1...2).contains(count), rest.count >= count else { throw Refusal(.incorrectData) }
        let length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(count)
        return (tag, length)
    }
}

extension OpenPGPKeySlot {
    /// The slot that a control reference template names: empty, or with the key reference in 84.
    init?(controlReference object: BERObject) {
        guard let slot = Self.allCases.first(where: { $0.controlReferenceTag == object.tag }),
            object.value.isEmpty || Array(object.value) == [0x84, 0x01, slot.rawValue]
        else { return nil }
        self = slot
    }
}

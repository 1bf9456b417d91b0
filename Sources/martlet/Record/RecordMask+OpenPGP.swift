import CardRecord

/// The OpenPGP card (specification 3.4.1, sections 4.3 and 7.2).
extension RecordMask {
    func openPGP(_ command: CardRecord.WholeCommand) -> (data: [UInt8], answer: [UInt8]) {
        let (data, answer) = (command.data, command.answer)
        let name = UInt32(command.header.p1) << 8 | UInt32(command.header.p2)
        switch command.header.ins {
        case 0xCA, 0xCC: return (data, value(answer, named: name))
        case 0xDA: return (value(data, named: name), answer)
        // SELECT DATA and MANAGE SECURITY ENVIRONMENT: which object, which key. GENERATE: which key; the key.
        case 0xA5, 0x22: return (data, answer)
        case 0x47: return (data, publicKey(answer))
        // GET VERSION.
        case 0xF1: return (data, answer)
        case 0x2A, 0x88, 0x84: return (standIns.bytes(data), standIns.bytes(answer))
        default: return (data.count > 2 ? generic(data) : data, generic(answer))
        }
    }

    /// A data object as GET DATA answers it: its value, or for some cards the whole of it.
    private func value(_ bytes: [UInt8], named name: UInt32) -> [UInt8] {
        let tree = LooseTLV(bytes)
        if tree.objects.count == 1, tree.objects[0].tag == name, name > 0xFF || Self.templates.contains(name) {
            return changed(bytes) { value($0.value, of: name) }
        }
        return value(bytes, of: name)
    }

    private static let templates: Set<UInt32> = [0x65, 0x6E, 0x73, 0x7A, 0xFA, 0xF9]

    private func value(_ value: [UInt8], of tag: UInt32) -> [UInt8] {
        switch tag {
        case 0x4F: return identifier(value)
        // Templates.
        case 0x65, 0x6E, 0x73, 0x7A: return changed(value) { self.value($0.value, of: $0.tag) }
        // What the card can do; algorithms; PIN status; touch; what keys there are; how many signatures.
        case 0x5F52, 0x7F66, 0x7F74, 0xC0...0xC4, 0xD6...0xDA, 0xDE, 0xFA, 0x93: return value
        // Fingerprints of keys, and the moments when they were made: none is of zeros.
        case 0xC5...0xCC, 0xDB, 0xDC: return pieces(of: value, 20)
        case 0xCD...0xD0, 0xDD: return pieces(of: value, 4)
        case 0x7F21, 0xFC: return certificates.masked(value)
        // How PINs are derived: the way and its count stay.
        case 0xF9: return changed(value) { $0.value.count <= 4 ? $0.value : standIns.bytes($0.value) }
        default: return standIns.value(value)
        }
    }

    private func pieces(of value: [UInt8], _ size: Int) -> [UInt8] {
        stride(from: 0, to: value.count, by: size).flatMap { standIns.value(value[$0..<min($0 + size, value.count)]) }
    }
}

/// Takes out of a certificate whose it is (RFC 5280, section 4.1): names, numbers, extensions' texts, keys and signatures. What
/// programs decide by stays: object identifiers, versions, usages, lengths, and the months of its validity.
struct CertificateMask {
    private let standIns: StandIns

    init(_ standIns: StandIns) { self.standIns = standIns }

    /// A certificate, or any other DER; bytes behind it are values.
    func masked(_ der: [UInt8]) -> [UInt8] {
        var tree = LooseTLV(der)
        guard !tree.objects.isEmpty else { return standIns.value(der) }
        for index in tree.objects.indices { tree.objects[index].value = masked(tree.objects[index], depth: 0) }
        tree.rest = standIns.value(tree.rest)
        return tree.bytes
    }

    private func masked(_ object: LooseTLV.Object, depth: Int) -> [UInt8] {
        let value = object.value
        guard depth < 24 else { return standIns.value(value) }
        if object.isConstructed { return constructed(value, depth) }
        switch object.tag {
        // BOOLEAN, NULL, ENUMERATED.
        case 0x01, 0x05, 0x0A: return value
        case 0x02: return value.count <= 1 || value == [0x01, 0x00, 0x01] ? value : integer(value)
        case 0x03: return bitString(value, depth)
        case 0x04: return nested(value, depth) ?? standIns.value(value)
        case 0x06: return identifier(value)
        case 0x17, 0x18: return time(value, yearDigits: object.tag == 0x17 ? 2 : 4)
        // BMPString: two bytes for a character.
        case 0x1E: return bmpString(value)
        default: return standIns.value(value)
        }
    }

    private func constructed(_ value: [UInt8], _ depth: Int) -> [UInt8] {
        var tree = LooseTLV(value)
        if let key = publicKey(tree) { return key }
        for index in tree.objects.indices {
            tree.objects[index].value = masked(tree.objects[index], depth: depth + 1)
        }
        tree.rest = standIns.value(tree.rest)
        return tree.bytes
    }

    /// What is itself DER, to the last byte.
    private func nested(_ value: [UInt8], _ depth: Int) -> [UInt8]? {
        let tree = LooseTLV(value)
        guard tree.objects.count == 1, tree.rest.isEmpty, tree.bytes == value,
            let object = tree.objects.first, [0x30, 0x02, 0x03, 0x04, 0x05, 0x0A, 0x01].contains(object.tag)
        else { return nil }
        var copy = tree
        copy.objects[0].value = masked(object, depth: depth + 1)
        return copy.bytes
    }

    /// As long, of the same sign, and without zeros before it that were not there.
    private func integer(_ value: [UInt8]) -> [UInt8] {
        let hasZero = value.first == 0
        var number = standIns.bytes(value.drop { $0 == 0 })
        if !number.isEmpty { number[0] = hasZero ? number[0] | 0x80 : (number[0] & 0x7F) | 0x40 }
        return (hasZero ? [0] : []) + number
    }

    private func bitString(_ value: [UInt8], _ depth: Int) -> [UInt8] {
        // Key usages are two bytes or three.
        guard let unused = value.first, value.count > 3 else { return value }
        let content = Array(value.dropFirst())
        return [unused] + (nested(content, depth) ?? standIns.bytes(content))
    }

    /// Of the arcs that anybody can have (1.3.6.1.4.1), those stay that programs know: Microsoft's, GnuPG's, Yubico's.
    private func identifier(_ value: [UInt8]) -> [UInt8] {
        let enterprises: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01]
        let known: [[UInt8]] = [[0x82, 0x37], [0xDA, 0x47], [0x97, 0x55], [0x82, 0xC4, 0x0A]]
        guard value.starts(with: enterprises) else { return value }
        let arcs = Array(value.dropFirst(enterprises.count))
        guard !known.contains(where: arcs.starts) else { return value }
        // The top bits say where an arc ends.
        return enterprises + zip(arcs, standIns.bytes(arcs)).map { $0 & 0x80 | ($1 & 0x7F == 0 ? 1 : $1 & 0x7F) }
    }

    /// The month stays: the first or the last days of it.
    private func time(_ value: [UInt8], yearDigits: Int) -> [UInt8] {
        let kept = yearDigits + 2
        guard value.count == kept + 9, value.last == UInt8(ascii: "Z"),
            value.dropLast().allSatisfy({ 0x30...0x39 ~= $0 })
        else { return standIns.text(value) }
        let isEarly = value[kept] == UInt8(ascii: "0") || value[kept..<kept + 2].elementsEqual("10".utf8)
        return value.prefix(kept) + Array((isEarly ? "01" : "28").utf8) + Array("000000Z".utf8)
    }

    private func bmpString(_ value: [UInt8]) -> [UInt8] {
        let letters = standIns.bytes(value)
        return value.indices.map { $0.isMultiple(of: 2) ? value[$0] : UInt8(ascii: "a") + letters[$0] % 26 }
    }

    // MARK: Keys

    private static let rsa: [[UInt8]] = [0x01, 0x07, 0x0A].map { [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, $0] }
    private static let others: [[UInt8]] = [
        // id-ecPublicKey, id-ecDH; Ed25519 and X25519 as GnuPG has them.
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01], [0x2B, 0x81, 0x04, 0x01, 0x0C],
        [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01],
        [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01],
        // RFC 8410: X25519, X448, Ed25519, Ed448.
        [0x2B, 0x65, 0x6E], [0x2B, 0x65, 0x6F], [0x2B, 0x65, 0x70], [0x2B, 0x65, 0x71],
    ]

    /// The content of a SubjectPublicKeyInfo, its parameters as they are; nil where it is none.
    private func publicKey(_ tree: LooseTLV) -> [UInt8]? {
        guard tree.objects.count == 2, tree.rest.isEmpty, tree.objects[0].tag == 0x30, tree.objects[1].tag == 0x03,
            let identifier = LooseTLV(tree.objects[0].value).objects.first, identifier.tag == 0x06,
            let unused = tree.objects[1].value.first
        else { return nil }
        let key = Array(tree.objects[1].value.dropFirst())
        var copy = tree
        if Self.rsa.contains(identifier.value) {
            copy.objects[1].value = [unused] + rsaKey(key)
        } else if Self.others.contains(identifier.value) {
            copy.objects[1].value = [unused] + point(key)
        } else {
            return nil
        }
        return copy.bytes
    }

    private func rsaKey(_ key: [UInt8]) -> [UInt8] {
        var outer = LooseTLV(key)
        guard outer.objects.count == 1 else { return standIns.value(key) }
        var numbers = LooseTLV(outer.objects[0].value)
        guard numbers.objects.count == 2 else { return standIns.value(key) }
        numbers.objects[0].value = modulus(numbers.objects[0].value)
        outer.objects[0].value = numbers.bytes
        return outer.bytes
    }

    /// With the zeros before it.
    func modulus(_ bytes: [UInt8]) -> [UInt8] {
        let zeros = bytes.prefix { $0 == 0 }
        return zeros + standIns.publicKey(bytes.dropFirst(zeros.count), isModulus: true)
    }

    /// A point with the byte before it that tells its form, or plain octets.
    func point(_ bytes: [UInt8]) -> [UInt8] {
        let hasForm = bytes.count % 2 == 1 && [0x02, 0x03, 0x04, 0x40].contains(bytes.first ?? 0)
        return bytes.prefix(hasForm ? 1 : 0) + standIns.publicKey(bytes.dropFirst(hasForm ? 1 : 0), isModulus: false)
    }
}

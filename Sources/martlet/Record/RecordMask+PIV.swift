import CardRecord
import HostCrypto

/// PIV (SP 800-73-5 part 1, appendix A, and part 2; Yubico's own commands).
extension RecordMask {
    func piv(_ command: CardRecord.WholeCommand) -> (data: [UInt8], answer: [UInt8]) {
        let (data, answer) = (command.data, command.answer)
        switch command.header.ins {
        case 0xCB: return (data, object(answer, named: Self.name(in: data)))
        case 0xDB:
            let name = Self.name(in: data)
            return (changed(data) { $0.tag == 0x5C ? $0.value : container($0.value, name) }, answer)
        // GENERATE: which algorithm; the key.
        case 0x47: return (data, publicKey(answer))
        case 0x87: return (authentication(data), authentication(answer))
        case 0xF7: return (data, metadata(answer))
        // All of Nitrokey 3 tell this number, by which they are known (piv-authenticator).
        case 0xF8: return (data, answer == [0x00, 0x52, 0xF7, 0x43] ? answer : standIns.number(answer))
        case 0xF9: return (data, certificates.masked(answer))
        case 0xFD: return (data, answer)
        default: return (data.count > 2 ? generic(data) : data, generic(answer))
        }
    }

    /// What a tag list names.
    private static func name(in data: [UInt8]) -> UInt32 {
        LooseTLV(data).objects.first { $0.tag == 0x5C }?.value.reduce(0) { $0 << 8 | UInt32($1) } ?? 0
    }

    private func object(_ answer: [UInt8], named name: UInt32) -> [UInt8] {
        // The Discovery Object and the biometric templates' group stand in no tag 53.
        changed(answer) { object in
            switch object.tag {
            case 0x53: container(object.value, name)
            case 0x7E where name == 0x7E: object.value
            default: object.isConstructed ? generic(object.value) : standIns.value(object.value)
            }
        }
    }

    private func container(_ bytes: [UInt8], _ name: UInt32) -> [UInt8] {
        switch name {
        case 0x5FC101, 0x5FC105, 0x5FC10A, 0x5FC10B, 0x5FC10D...0x5FC120, 0x5FFF01: return certificate(bytes)
        // CHUID: FASC-N, GUID, expiry.
        case 0x5FC102:
            return changed(bytes) { object in
                switch object.tag {
                case 0x30: agencyNumber(object.value)
                case 0x35: object.value.prefix(6) + Array("01".utf8.prefix(max(0, object.value.count - 6)))
                case 0xFE, 0xEE: object.value
                default: standIns.value(object.value)
                }
            }
        // CCC: versions and capabilities are one byte each.
        case 0x5FC107: return changed(bytes) { $0.value.count <= 1 ? $0.value : standIns.value($0.value) }
        // Key History: two counts, and an address.
        case 0x5FC10C: return changed(bytes) { $0.value.count <= 1 ? $0.value : standIns.value($0.value) }
        // What programs of Yubico's note of the management key: flags stay.
        case 0x5FFF00:
            return changed(bytes) { outer in
                changed(outer.value) { $0.value.count <= 1 ? $0.value : standIns.bytes($0.value) }
            }
        default: return generic(bytes)
        }
    }

    /// 70 certificate, 71 how it is written, 72 a number of Microsoft's, FE nothing.
    private func certificate(_ bytes: [UInt8]) -> [UInt8] {
        let isCompressed = LooseTLV(bytes).objects.contains { $0.tag == 0x71 && ($0.value.first ?? 0) & 1 != 0 }
        return changed(bytes) { object in
            switch object.tag {
            case 0x70 where isCompressed: compressed(object.value)
            case 0x70: certificates.masked(object.value)
            case 0x71, 0xFE: object.value
            default: standIns.value(object.value)
            }
        }
    }

    /// gzip, or zlib behind Net iD's four bytes: 01 00 and the length.
    private func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let isNetID = bytes.starts(with: [0x01, 0x00]) && bytes.count > 4
        guard let der = try? Gzip.inflate(Array(bytes.dropFirst(isNetID ? 4 : 0)), limit: 1 << 16) else {
            return standIns.value(bytes)
        }
        let masked = certificates.masked(der)
        guard let packed = try? Gzip.deflate(masked) else { return standIns.value(bytes) }
        return bytes.prefix(isNetID ? 4 : 0) + packed
    }

    /// GET METADATA: the public key is 04; what else is longer than a policy or a count is no secret, and no name either.
    private func metadata(_ bytes: [UInt8]) -> [UInt8] {
        changed(bytes) { object in
            object.tag == 0x04
                ? publicKey(object.value) : object.value.count <= 4 ? object.value : standIns.value(object.value)
        }
    }

    /// What is signed or decrypted, and what comes of it.
    private func authentication(_ bytes: [UInt8]) -> [UInt8] {
        changed(bytes) { template in
            changed(template.value) { item in
                item.value.first == 0x30 && LooseTLV(item.value).objects.first?.value.isEmpty == false
                    && LooseTLV(item.value).bytes == item.value && LooseTLV(item.value).rest.isEmpty
                    ? certificates.masked(item.value) : standIns.bytes(item.value)
            }
        }
    }

    /// A FASC-N: forty characters of five bits, the last one a parity (TIG SCEPACS 2.3, section 6). Digits become other digits;
    /// zeros stay, for a number of zeros is none.
    func agencyNumber(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count == 25 else { return standIns.value(bytes) }
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        let random = standIns.bytes(bytes + bytes)
        var other: [UInt8] = []
        for start in stride(from: 0, to: 200, by: 5) {
            let group = Array(bits[start..<start + 5])
            let digit = (0..<4).reduce(UInt8(0)) { $0 | group[$1] << $1 }
            guard (1...9).contains(digit) else {
                other += group
                continue
            }
            let new = 1 + random[start / 5] % 9
            let digits = (0..<4).map { new >> $0 & 1 }
            other += digits + [1 ^ (digits.reduce(0, ^))]
        }
        return stride(from: 0, to: 200, by: 8).map { start in other[start..<start + 8].reduce(0) { $0 << 1 | $1 } }
    }
}

import APDU
import CardRecord
import HostCrypto

/// Takes out of a record who the card is and whose. What a card can do, and how its answers are formed, stays; what is not known
/// to be of that kind is replaced.
struct RecordMask {
    let standIns: StandIns
    let certificates: CertificateMask

    /// What is selected.
    private enum Application {
        case piv, openPGP, other
    }

    init(_ standIns: StandIns) { (self.standIns, certificates) = (standIns, CertificateMask(standIns)) }

    func masked(_ record: CardRecord) -> CardRecord {
        var application = Application.other
        var record = record.rewritten { command in
            if command.header.ins == 0xA4, command.header.p1 == 0x04 {
                if command.status == .success { application = Self.application(command.data) }
                return (identifier(command.data), selected(command.answer))
            }
            return switch application {
            case .piv: piv(command)
            case .openPGP: openPGP(command)
            case .other: unknown(command)
            }
        }
        record.reader = reader(record.reader)
        return record
    }

    /// Readers have serial numbers in their names: four digits or more.
    func reader(_ name: String) -> String {
        name.split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.filter { $0.isNumber || "ABCDEFabcdef".contains($0) }.count >= 4 && word.contains { $0.isNumber }
                ? standIns.text(String(word)) : String(word)
        }.joined(separator: " ")
    }

    private static let openPGPIdentifier: [UInt8] = [0xD2, 0x76, 0x00, 0x01, 0x24]

    private static func application(_ identifier: [UInt8]) -> Application {
        if identifier.starts(with: openPGPIdentifier) { return .openPGP }
        return identifier.starts(with: [0xA0, 0x00, 0x00, 0x03, 0x08]) ? .piv : .other
    }

    // MARK: What both have

    /// An application identifier: in OpenPGP's there is a serial number (OpenPGP card 3.4.1, section 4.2.1).
    func identifier(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: Self.openPGPIdentifier), bytes.count >= 14 else { return bytes }
        return bytes.prefix(10) + standIns.number(bytes[10..<14]) + bytes.dropFirst(14)
    }

    /// The answer to SELECT (SP 800-73-5 part 2, table 3): what it is called stays, but no texts and addresses.
    private func selected(_ answer: [UInt8]) -> [UInt8] {
        changed(answer) { object in
            switch object.tag {
            case 0x6F, 0x61: selected(object.value)
            case 0x4F, 0x84: identifier(object.value)
            case 0x79, 0x50, 0xAC, 0x85, 0xA5: object.value
            default: object.isConstructed ? generic(object.value) : standIns.value(object.value)
            }
        }
    }

    /// Bytes of which nothing is known: values of data objects, where they are such, else all of them.
    func generic(_ bytes: [UInt8], depth: Int = 0) -> [UInt8] {
        let tree = LooseTLV(bytes)
        guard tree.rest.isEmpty, depth < 8, !tree.objects.isEmpty else { return standIns.value(bytes) }
        return changed(bytes) { object in
            object.isConstructed ? generic(object.value, depth: depth + 1) : standIns.value(object.value)
        }
    }

    /// Data objects with other values. What follows the last one stays where it is a byte or two of filling.
    func changed(_ bytes: [UInt8], _ change: (LooseTLV.Object) -> [UInt8]) -> [UInt8] {
        var tree = LooseTLV(bytes)
        for index in tree.objects.indices { tree.objects[index].value = change(tree.objects[index]) }
        if tree.rest.count > 2 { tree.rest = standIns.value(tree.rest) }
        return tree.bytes
    }

    /// A public key as cards tell it: 81 modulus, 82 exponent, 86 point (SP 800-73-5 part 2, section 3.3.2; OpenPGP card 3.4.1,
    /// section 7.2.14).
    func publicKey(_ bytes: [UInt8]) -> [UInt8] {
        changed(bytes) { object in
            switch object.tag {
            case 0x7F49: publicKey(object.value)
            case 0x81: certificates.modulus(object.value)
            case 0x82 where object.value.count <= 4: object.value
            case 0x86: certificates.point(object.value)
            default: standIns.value(object.value)
            }
        }
    }

    private func unknown(_ command: CardRecord.WholeCommand) -> (data: [UInt8], answer: [UInt8]) {
        (command.data.count > 2 ? generic(command.data) : command.data, generic(command.answer))
    }
}

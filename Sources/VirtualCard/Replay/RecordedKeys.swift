import APDU
import CardRecord
import HostCrypto
import Keys

/// The public keys in a record: of what kind they are, and where on the card. What cannot be read is passed over: the record may
/// be of a card whose answers are odd.
struct RecordedKeys {
    /// By their octets: a modulus, a point without the byte of its form.
    private(set) var types: [[UInt8]: KeyType] = [:]
    private(set) var piv: [UInt8: [UInt8]] = [:]
    private(set) var openPGP: [OpenPGPKeySlot: [UInt8]] = [:]
    private var attributes: [OpenPGPKeySlot: KeyType] = [:]

    init(_ record: CardRecord) {
        let commands = record.commands.filter { $0.status == .success }
        for command in commands { readAttributes(command) }
        var isOpenPGP = false
        for command in commands {
            if command.isSelection { isOpenPGP = command.selectsOpenPGP }
            if isOpenPGP { readOpenPGP(command) } else { readPIV(command) }
        }
    }

    /// The octets that stand for a key.
    static func octets(of key: PublicKey) -> [UInt8] {
        switch key {
        case .rsa(let modulus, _): modulus
        case .ec(_, let point): Array(point.dropFirst())
        case .edwards(_, let octets), .montgomery(_, let octets): octets
        }
    }

    static func objects(_ bytes: some Collection<UInt8>) -> [BERObject] {
        (try? BER.objects(in: Array(bytes)[...])) ?? []
    }

    // MARK: PIV

    private mutating func readPIV(_ command: CardRecord.WholeCommand) {
        let reference = command.header.p2
        switch command.header.ins {
        case 0xF7:
            let objects = Self.objects(command.answer)
            guard let algorithm = objects.first(where: { $0.tag == 0x01 })?.value.first.flatMap(KeyAlgorithm.init),
                let key = objects.first(where: { $0.tag == 0x04 })
            else { return }
            note(key.value, algorithm.keyType).map { piv[reference] = $0 }
        case 0x47:
            let template = Self.objects(command.data).first { $0.tag == 0xAC }.map { Self.objects($0.value) }
            guard let algorithm = template?.first(where: { $0.tag == 0x80 })?.value.first.flatMap(KeyAlgorithm.init),
                let key = Self.objects(command.answer).first(where: { $0.tag == 0x7F49 })
            else { return }
            note(key.value, algorithm.keyType).map { piv[reference] = $0 }
        case 0xCB:
            guard let certificate = RecordedCertificate(command), let (octets, type) = Self.key(of: certificate.der)
            else { return }
            types[octets] = type
            guard let owner = certificate.owner, piv[owner] == nil else { return }
            piv[owner] = octets
        default: return
        }
    }

    /// A template with 81, the modulus, or 86, the point.
    private mutating func note(_ template: ArraySlice<UInt8>, _ type: KeyType?) -> [UInt8]? {
        let objects = Self.objects(template)
        if let modulus = objects.first(where: { $0.tag == 0x81 }) {
            let octets = Array(modulus.value.drop { $0 == 0 })
            types[octets] = .rsa(bits: octets.count * 8)
            return octets
        }
        guard let point = objects.first(where: { $0.tag == 0x86 }), let type else { return nil }
        let octets = Self.withoutForm(point.value)
        types[octets] = type
        return octets
    }

    private static func withoutForm(_ point: ArraySlice<UInt8>) -> [UInt8] {
        point.count % 2 == 1 && [0x04, 0x40].contains(point.first) ? Array(point.dropFirst()) : Array(point)
    }

    // MARK: OpenPGP

    /// C1 to C3, by themselves or in 6E and 73. Some cards send more than they should: what is left over is passed over.
    private mutating func readAttributes(_ command: CardRecord.WholeCommand) {
        guard command.header.ins == 0xCA else { return }
        let tag = UInt16(command.header.p1) << 8 | UInt16(command.header.p2)
        var waiting = [(tag: UInt32(tag), value: command.answer[...])]
        while let (tag, value) = waiting.popLast() {
            switch tag {
            case 0x6E, 0x73: waiting += Self.objects(value).map { ($0.tag, $0.value) }
            case 0xC1, 0xC2, 0xC3:
                guard let slot = OpenPGPKeySlot(tag: UInt16(tag), first: 0xC1) else { continue }
                let known = (0...2).lazy.compactMap { AlgorithmAttributes(Array(value.dropLast($0)), in: slot) }.first
                if let known { attributes[slot] = known.algorithm.keyType }
            default: continue
            }
        }
    }

    private mutating func readOpenPGP(_ command: CardRecord.WholeCommand) {
        if command.header.ins == 0xCA, command.header.p1 == 0x7F, command.header.p2 == 0x21,
            let (octets, type) = Self.key(of: command.answer)
        {
            types[octets] = types[octets] ?? type
        }
        guard command.header.ins == 0x47, let tag = command.data.first,
            let slot = OpenPGPKeySlot.allCases.first(where: { $0.controlReferenceTag == UInt32(tag) }),
            let key = Self.objects(command.answer).first(where: { $0.tag == 0x7F49 })
        else { return }
        note(key.value, attributes[slot]).map { openPGP[slot] = $0 }
    }

    // MARK: Certificates

    /// The key of a certificate, which need not lie on its curve.
    private static func key(of der: [UInt8]) -> (octets: [UInt8], type: KeyType)? {
        // What follows the certificate is left over.
        let der = certificateLength(der).map { Array(der.prefix($0)) } ?? der
        let fields = objects(objects(objects(der).first?.value ?? []).first?.value ?? [])
        let isNumbered = fields.first?.tag == 0xA0
        guard fields.count > (isNumbered ? 6 : 5) else { return nil }
        let information = objects(fields[isNumbered ? 6 : 5].value)
        guard information.count == 2, information[1].tag == 0x03 else { return nil }
        let algorithm = objects(information[0].value), key = information[1].value.dropFirst()
        guard let identifier = algorithm.first, identifier.tag == 0x06 else { return nil }
        let curve = algorithm.dropFirst().first { $0.tag == 0x06 } ?? identifier
        if let type = KeyType(curveIdentifier: BER.object(0x06, curve.value)) { return (withoutForm(key), type) }
        guard let modulus = objects(objects(key).first?.value ?? []).first, modulus.tag == 0x02 else { return nil }
        let octets = Array(modulus.value.drop { $0 == 0 })
        return (octets, .rsa(bits: octets.count * 8))
    }

    private static func certificateLength(_ der: [UInt8]) -> Int? {
        guard der.count > 4, der[0] == 0x30, der[1] == 0x82 else { return nil }
        return 4 + Int(der[2]) << 8 + Int(der[3])
    }
}

/// A PIV certificate in a record: the answer to GET DATA for its container.
struct RecordedCertificate {
    let der: [UInt8]
    /// The reference of the key that it is for.
    let owner: UInt8?
    private let answer: [UInt8]
    private let content: [BERObject]
    private let isCompressed: Bool

    /// Nil where the answer is none.
    init?(_ command: CardRecord.WholeCommand) {
        guard command.header.ins == 0xCB,
            let name = RecordedKeys.objects(command.data).first(where: { $0.tag == 0x5C })?.value,
            let container = RecordedKeys.objects(command.answer).first(where: { $0.tag == 0x53 })
        else { return nil }
        content = RecordedKeys.objects(container.value)
        guard let certificate = content.first(where: { $0.tag == 0x70 }) else { return nil }
        answer = command.answer
        isCompressed = content.contains { $0.tag == 0x71 && ($0.value.first ?? 0) & 1 != 0 }
        let packed = Array(certificate.value.dropFirst(certificate.value.starts(with: [0x01, 0x00]) ? 4 : 0))
        der = isCompressed ? (try? Gzip.inflate(packed, limit: 1 << 16)) ?? [] : Array(certificate.value)
        let tag = name.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        owner = (0...0xFF).first { KeyReference(rawValue: $0).certificateTag == tag }
    }

    /// The answer, its certificate changed.
    func changed(_ change: ([UInt8]) -> [UInt8]) -> [UInt8] {
        guard isCompressed, !der.isEmpty else { return change(answer) }
        let objects = content.flatMap { object -> [UInt8] in
            guard object.tag == 0x70 else { return BER.object(object.tag, object.value) }
            let head = object.value.starts(with: [0x01, 0x00]) ? Array(object.value.prefix(4)) : []
            return BER.object(0x70, head + (head.isEmpty ? GzipWriter.wrap(change(der)) : ZlibWriter.wrap(change(der))))
        }
        return BER.object(0x53, objects)
    }
}

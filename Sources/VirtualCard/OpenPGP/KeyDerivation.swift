import APDU

/// The KDF-DO, F9 (section 4.3.2): how the host turns what a person types into what VERIFY sends. The card itself
/// computes nothing of it.
struct KeyDerivation: Hashable {
    /// Whether passwords are derived at all.
    let isUsed: Bool
    /// 87: what PW1 becomes.
    let userHash: [UInt8]?
    /// 88: what PW3 becomes.
    let administratorHash: [UInt8]?

    /// The DO of a card whose passwords are not derived.
    static let none: [UInt8] = [0x81, 0x01, 0x00]

    /// Reads the DO's content: 81 algorithm, 00 none or 03 iterated and salted S2K; 82 hash algorithm, 08 SHA-256 or
    /// 0A SHA-512; 83 iteration count; 84 to 86 salts; 87 and 88 the initial passwords.
    init(_ content: [UInt8]) throws(Refusal) {
        var fields: [UInt32: [UInt8]] = [:]
        for object in try dataObjects(content) { fields[object.tag] = Array(object.value) }
        switch fields[0x81] {
        case [0x00]: (isUsed, userHash, administratorHash) = (false, nil, nil)
        case [0x03]:
            let hashSizes: [[UInt8]: Int] = [[0x08]: 32, [0x0A]: 64]
            guard let algorithm = fields[0x82], let size = hashSizes[algorithm], fields[0x83]?.count == 4,
                fields[0x84]?.count == 8, [0x85, 0x86].allSatisfy({ fields[$0].map { $0.count == 8 } ?? true }),
                [0x87, 0x88].allSatisfy({ fields[$0].map { $0.count == size } ?? true })
            else { throw Refusal(.incorrectData) }
            (isUsed, userHash, administratorHash) = (true, fields[0x87], fields[0x88])
        default: throw Refusal(.incorrectData)
        }
    }
}

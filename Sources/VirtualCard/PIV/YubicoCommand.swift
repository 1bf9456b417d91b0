import APDU

/// A command of Yubico's extensions, parsed whole.
enum YubicoCommand: Hashable {
    case getVersion
    case getSerialNumber
    case getMetadata(KeyReference)
    case importKey(KeyReference, KeyRequest, elements: [UInt32: [UInt8]])
    case setManagementKey(ManagementKey)
    case setTries(pin: Int, unblockingKey: Int)
    case reset
    case attest(KeyReference)
    case moveKey(from: KeyReference, to: KeyReference)
    case deleteKey(KeyReference)

    /// Reads a command; 6D00 for an instruction that is none of Yubico's.
    init(_ command: CommandAPDU) throws(Refusal) {
        let header = command.header
        switch header.ins {
        case 0xFD: self = .getVersion
        case 0xF8: self = .getSerialNumber
        case 0xF7:
            guard header.p1 == 0 else { throw Refusal(.incorrectParameters) }
            self = .getMetadata(KeyReference(rawValue: header.p2))
        case 0xFE: self = try Self.importKey(command)
        case 0xFF: self = .setManagementKey(try Self.managementKey(command))
        case 0xFA:
            guard header.p1 > 0, header.p2 > 0 else { throw Refusal(.incorrectParameters) }
            self = .setTries(pin: Int(header.p1), unblockingKey: Int(header.p2))
        case 0xFB: self = .reset
        case 0xF9:
            guard header.p2 == 0 else { throw Refusal(.incorrectParameters) }
            self = .attest(KeyReference(rawValue: header.p1))
        case 0xF6:
            let from = KeyReference(rawValue: header.p2)
            self = header.p1 == 0xFF ? .deleteKey(from) : .moveKey(from: from, to: KeyReference(rawValue: header.p1))
        default: throw Refusal(.instructionNotSupported)
        }
    }

    /// The first firmware version with the command (Yubico's PIV manual, "PIV commands").
    func exists(on profile: CardProfile) -> Bool {
        switch self {
        case .getVersion, .importKey, .setManagementKey, .setTries, .reset: profile.isYubiKey
        case .getSerialNumber: profile.isYubiKey(since: 5)
        case .getMetadata: profile.isYubiKey(since: 5, 3)
        case .attest: profile.isYubiKey(since: 4, 3)
        case .moveKey, .deleteKey: profile.isYubiKey(since: 5, 7)
        }
    }

    /// Data objects 01 to 08 with the key's numbers, and the policies.
    private static func importKey(_ command: CommandAPDU) throws(Refusal) -> YubicoCommand {
        guard let algorithm = KeyAlgorithm(rawValue: command.header.p1) else { throw Refusal(.incorrectParameters) }
        let objects = try dataObjects(command.data)
        let request = try KeyRequest(algorithm: algorithm, policies: objects)
        var elements: [UInt32: [UInt8]] = [:]
        for object in objects where object.tag <= 0x08 { elements[object.tag] = Array(object.value) }
        return .importKey(KeyReference(rawValue: command.header.p2), request, elements: elements)
    }

    /// P2 is the touch policy, counted down from FF; the data field is algorithm, 9B, length and key.
    private static func managementKey(_ command: CommandAPDU) throws(Refusal) -> ManagementKey {
        let touchPolicies: [UInt8: TouchPolicy] = [0xFF: .never, 0xFE: .always, 0xFD: .cached]
        guard command.header.p1 == 0xFF, let touchPolicy = touchPolicies[command.header.p2] else {
            throw Refusal(.incorrectParameters)
        }
        let data = command.data
        guard data.count > 3, let algorithm = ManagementAlgorithm(rawValue: data[0]),
            data[1] == KeyReference.management.rawValue, Int(data[2]) == algorithm.cipher.keySize,
            data.count == 3 + algorithm.cipher.keySize
        else { throw Refusal(.incorrectData) }
        return ManagementKey(algorithm: algorithm, value: Array(data.dropFirst(3)), touchPolicy: touchPolicy)
    }
}

import APDU

/// A command to the PIV application, parsed whole (SP 800-73-5 part 2, section 3; Yubico's extensions as
/// developers.yubico.com/PIV/Introduction/Yubico_extensions.html and Yubico's PIV manual describe them).
enum PIVCommand: Hashable {
    case getData(tag: UInt32)
    case putData(tag: UInt32, value: [UInt8])
    case getStatus(KeyReference)
    case verify(KeyReference, value: [UInt8])
    case resetStatus(KeyReference)
    case changeReferenceData(KeyReference, current: [UInt8], new: [UInt8])
    case resetRetryCounter(unblockingKey: [UInt8], newPIN: [UInt8])
    case generalAuthenticate(KeyReference, algorithm: UInt8, AuthenticationTemplate)
    case generateKeyPair(KeyReference, KeyRequest)
    case yubico(YubicoCommand)

    /// Reads a command that has no chaining bit.
    init(_ command: CommandAPDU) throws(Refusal) {
        let header = command.header
        let reference = KeyReference(rawValue: header.p2)
        switch header.ins {
        case 0xCB, 0xDB:
            guard header.p1 == 0x3F, header.p2 == 0xFF else { throw Refusal(.incorrectParameters) }
            self = try header.ins == 0xCB ? Self.getData(command.data) : Self.putData(command.data)
        case 0x20:
            self = try Self.verify(command, reference)
        case 0x24:
            guard header.p1 == 0 else { throw Refusal(.referenceNotFound) }
            guard command.data.count == 16 else { throw Refusal(.incorrectData) }
            self = .changeReferenceData(
                reference, current: Array(command.data.prefix(8)), new: Array(command.data.suffix(8)))
        case 0x2C:
            guard header.p1 == 0, reference == .applicationPIN else { throw Refusal(.referenceNotFound) }
            guard command.data.count == 16 else { throw Refusal(.incorrectData) }
            self = .resetRetryCounter(
                unblockingKey: Array(command.data.prefix(8)), newPIN: Array(command.data.suffix(8)))
        case 0x87:
            self = .generalAuthenticate(
                reference, algorithm: header.p1, try AuthenticationTemplate(command.data))
        case 0x47:
            guard header.p1 == 0 else { throw Refusal(.incorrectParameters) }
            self = .generateKeyPair(reference, try KeyRequest(controlReferenceTemplate: command.data))
        default:
            self = .yubico(try YubicoCommand(command))
        }
    }

    /// Section 3.1.2: a tag list 5C with one tag.
    private static func getData(_ data: [UInt8]) throws(Refusal) -> PIVCommand {
        let objects = try dataObjects(data)
        guard objects.count == 1, objects[0].tag == 0x5C, let tag = tag(objects[0].value) else {
            throw Refusal(.incorrectData)
        }
        return .getData(tag: tag)
    }

    /// Section 3.3.1: a tag list 5C with one tag, and the content in 53. The Discovery object and the biometric
    /// template come as their own data objects.
    private static func putData(_ data: [UInt8]) throws(Refusal) -> PIVCommand {
        let objects = try dataObjects(data)
        if objects.count == 1, objects[0].tag == 0x7E || objects[0].tag == 0x7F61 {
            return .putData(tag: objects[0].tag, value: Array(objects[0].value))
        }
        guard objects.count == 2, objects[0].tag == 0x5C, let tag = tag(objects[0].value), objects[1].tag == 0x53
        else { throw Refusal(.incorrectData) }
        return .putData(tag: tag, value: Array(objects[1].value))
    }

    /// Section 3.2.1.
    private static func verify(_ command: CommandAPDU, _ reference: KeyReference) throws(Refusal) -> PIVCommand {
        switch (command.header.p1, command.data.count) {
        case (0x00, 0): return .getStatus(reference)
        case (0x00, 8): return .verify(reference, value: command.data)
        case (0xFF, 0): return .resetStatus(reference)
        case (0x00, _), (0xFF, _): throw Refusal(.incorrectData)
        default: throw Refusal(.incorrectParameters)
        }
    }

    private static func tag(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard (1...3).contains(bytes.count) else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// The Dynamic Authentication Template (SP 800-73-5 part 2, table 7): data objects that are absent, empty or full.
struct AuthenticationTemplate: Hashable {
    /// 80: witness.
    var witness: [UInt8]?
    /// 81: challenge.
    var challenge: [UInt8]?
    /// 82: response.
    var response: [UInt8]?
    /// 85: exponentiation.
    var exponentiation: [UInt8]?

    init(_ data: [UInt8]) throws(Refusal) {
        let outer = try dataObjects(data)
        guard outer.count == 1, outer[0].tag == 0x7C else { throw Refusal(.incorrectData) }
        for object in try dataObjects(outer[0].value) {
            switch object.tag {
            case 0x80 where witness == nil: witness = Array(object.value)
            case 0x81 where challenge == nil: challenge = Array(object.value)
            case 0x82 where response == nil: response = Array(object.value)
            case 0x85 where exponentiation == nil: exponentiation = Array(object.value)
            default: throw Refusal(.incorrectData)
            }
        }
    }

    /// The template of an answer with one data object.
    static func answer(_ tag: UInt32, _ value: [UInt8]) -> [UInt8] {
        BER.object(0x7C, BER.object(tag, value))
    }
}

/// What key is wanted: an algorithm and Yubico's policies, AA and AB. Nil where the place's default is meant.
struct KeyRequest: Hashable {
    var algorithm: KeyAlgorithm
    var pinPolicy: PINPolicy?
    var touchPolicy: TouchPolicy?

    /// The control reference template AC of GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, table 10). The
    /// parameter 81 (an RSA exponent) is passed over, as a YubiKey does.
    init(controlReferenceTemplate data: [UInt8]) throws(Refusal) {
        let outer = try dataObjects(data)
        guard outer.count == 1, outer[0].tag == 0xAC else { throw Refusal(.incorrectData) }
        let objects = try dataObjects(outer[0].value)
        guard let wanted = objects.first(where: { $0.tag == 0x80 }), wanted.value.count == 1,
            let algorithm = wanted.value.first.flatMap(KeyAlgorithm.init(rawValue:))
        else { throw Refusal(.incorrectData) }
        self.algorithm = algorithm
        try readPolicies(objects)
    }

    /// A request for an algorithm and the policies among `objects`.
    init(algorithm: KeyAlgorithm, policies objects: [BERObject]) throws(Refusal) {
        self.algorithm = algorithm
        try readPolicies(objects)
    }

    private mutating func readPolicies(_ objects: [BERObject]) throws(Refusal) {
        for object in objects where object.tag == 0xAA || object.tag == 0xAB {
            guard object.value.count == 1, let value = object.value.first else { throw Refusal(.incorrectData) }
            guard value != 0 else { continue }
            if object.tag == 0xAA {
                guard let policy = PINPolicy(rawValue: value) else { throw Refusal(.incorrectData) }
                pinPolicy = policy
            } else {
                guard let policy = TouchPolicy(rawValue: value) else { throw Refusal(.incorrectData) }
                touchPolicy = policy
            }
        }
    }
}

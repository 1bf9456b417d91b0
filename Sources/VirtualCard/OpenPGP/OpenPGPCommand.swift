import APDU

/// A command to the OpenPGP application, parsed whole (section 7.2).
enum OpenPGPCommand: Hashable {
    case getData(tag: UInt16)
    case getNextData(tag: UInt16)
    case selectData(occurrence: UInt8, tag: UInt32)
    case putData(tag: UInt16, value: [UInt8])
    case importKey(PrivateKeyTemplate)
    case getStatus(PasswordReference)
    case verify(PasswordReference, value: [UInt8])
    case resetStatus(PasswordReference)
    case changeReferenceData(PasswordReference, both: [UInt8])
    case resetRetryCounter(withCode: Bool, data: [UInt8])
    case generateKeyPair(OpenPGPKeySlot)
    case readPublicKey(OpenPGPKeySlot)
    case sign([UInt8])
    case decipher(Cryptogram)
    case encipher([UInt8])
    case internalAuthenticate([UInt8])
    case manageEnvironment(SecurityOperation, OpenPGPKeySlot)
    case getChallenge(count: Int)
    case terminate
    case activate
    case yubico(YubicoCommand)

    /// Yubico's own commands (yubikit's openpgp.py).
    enum YubicoCommand: Hashable {
        case getVersion
        case setTries([UInt8])
        case attest(OpenPGPKeySlot)
    }

    /// Reads a command that has no chaining bit.
    init(_ command: CommandAPDU) throws(Refusal) {
        let (header, data) = (command.header, command.data)
        let tag = UInt16(header.p1) << 8 | UInt16(header.p2)
        switch header.ins {
        case 0xCA: self = .getData(tag: tag)
        case 0xCC: self = .getNextData(tag: tag)
        case 0xA5: self = try Self.selectData(header, data)
        case 0xDA: self = .putData(tag: tag, value: data)
        case 0xDB:
            guard tag == 0x3FFF else { throw Refusal(.wrongParameters) }
            self = .importKey(try PrivateKeyTemplate(data))
        case 0x20: self = try Self.verify(header, data)
        case 0x24:
            let reference = try PasswordReference(header.p2)
            guard header.p1 == 0, reference != .user else { throw Refusal(.wrongParameters) }
            self = .changeReferenceData(reference, both: data)
        case 0x2C:
            guard header.p1 == 0 || header.p1 == 2, header.p2 == PasswordReference.signature.rawValue else {
                throw Refusal(.wrongParameters)
            }
            self = .resetRetryCounter(withCode: header.p1 == 0, data: data)
        case 0x47: self = try Self.keyPair(header, data)
        case 0x2A: self = try Self.securityOperation(tag, data)
        case 0x88:
            guard tag == 0 else { throw Refusal(.wrongParameters) }
            self = .internalAuthenticate(data)
        case 0x22: self = try Self.manageEnvironment(header, data)
        case 0x84:
            guard tag == 0 else { throw Refusal(.wrongParameters) }
            guard data.isEmpty, command.ne > 0 else { throw Refusal(.wrongLength) }
            self = .getChallenge(count: command.ne)
        case 0xE6:
            guard tag == 0 else { throw Refusal(.wrongParameters) }
            self = .terminate
        case 0x44:
            guard tag == 0 else { throw Refusal(.wrongParameters) }
            self = .activate
        case 0xF1: self = .yubico(.getVersion)
        case 0xF2: self = .yubico(.setTries(data))
        case Self.attestInstruction where header.cla == 0x80:
            guard let slot = OpenPGPKeySlot(rawValue: header.p1), header.p2 == 0 else {
                throw Refusal(.wrongParameters)
            }
            self = .yubico(.attest(slot))
        default: throw Refusal(.instructionNotSupported)
        }
    }

    /// INS of GENERATE ATTESTATION, whose CLA is 80.
    static let attestInstruction: UInt8 = 0xFB

    /// Section 7.2.2: the password, or nothing to ask for the status; P1 = FF takes the status back.
    private static func verify(_ header: CommandHeader, _ data: [UInt8]) throws(Refusal) -> OpenPGPCommand {
        let reference = try PasswordReference(header.p2)
        switch (header.p1, data.isEmpty) {
        case (0x00, true): return .getStatus(reference)
        case (0x00, false): return .verify(reference, value: data)
        case (0xFF, true): return .resetStatus(reference)
        case (0xFF, false): throw Refusal(.wrongLength)
        default: throw Refusal(.wrongParameters)
        }
    }

    /// Section 7.2.5: a tag list in a general reference template, 60 {5C tag}; P1 counts the occurrences from 0.
    private static func selectData(_ header: CommandHeader, _ data: [UInt8]) throws(Refusal) -> OpenPGPCommand {
        guard header.p2 == 0x04 else { throw Refusal(.wrongParameters) }
        let outer = try dataObjects(data)
        guard outer.count == 1, outer[0].tag == 0x60 else { throw Refusal(.incorrectData) }
        let list = try dataObjects(outer[0].value)
        guard list.count == 1, list[0].tag == 0x5C, (1...3).contains(list[0].value.count) else {
            throw Refusal(.incorrectData)
        }
        return .selectData(
            occurrence: header.p1, tag: list[0].value.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Section 7.2.14: P1 = 80 makes a key, 81 reads its public half.
    private static func keyPair(_ header: CommandHeader, _ data: [UInt8]) throws(Refusal) -> OpenPGPCommand {
        guard header.p1 == 0x80 || header.p1 == 0x81, header.p2 == 0 else { throw Refusal(.wrongParameters) }
        let objects = try dataObjects(data)
        guard objects.count == 1, let slot = OpenPGPKeySlot(controlReference: objects[0]) else {
            throw Refusal(.incorrectData)
        }
        return header.p1 == 0x80 ? .generateKeyPair(slot) : .readPublicKey(slot)
    }

    /// Sections 7.2.10 to 7.2.12, by P1 and P2.
    private static func securityOperation(_ parameters: UInt16, _ data: [UInt8]) throws(Refusal) -> OpenPGPCommand {
        switch parameters {
        case 0x9E9A: return .sign(data)
        case 0x8086: return .decipher(try Cryptogram(data))
        case 0x8680: return .encipher(data)
        default: throw Refusal(.wrongParameters)
        }
    }

    /// Section 7.2.18: 83 with a key reference, for confidentiality (B8) or authentication (A4).
    private static func manageEnvironment(_ header: CommandHeader, _ data: [UInt8]) throws(Refusal) -> OpenPGPCommand {
        guard header.p1 == 0x41, let operation = SecurityOperation(rawValue: header.p2) else {
            throw Refusal(.wrongParameters)
        }
        let objects = try dataObjects(data)
        guard objects.count == 1, objects[0].tag == 0x83, objects[0].value.count == 1,
            let slot = objects[0].value.first.flatMap(OpenPGPKeySlot.init(rawValue:)), slot != .signature
        else { throw Refusal(.incorrectData) }
        return .manageEnvironment(operation, slot)
    }
}

/// P2 of the commands that compare a password (section 7.2.2).
enum PasswordReference: UInt8, Sendable {
    /// 81: PW1, for PSO: COMPUTE DIGITAL SIGNATURE.
    case signature = 0x81
    /// 82: PW1, for everything else.
    case user = 0x82
    /// 83: PW3.
    case administrator = 0x83

    init(_ parameter: UInt8) throws(Refusal) {
        guard let found = PasswordReference(rawValue: parameter) else { throw Refusal(.wrongParameters) }
        self = found
    }
}

/// What MANAGE SECURITY ENVIRONMENT chooses a key for: P2.
enum SecurityOperation: UInt8, Sendable {
    /// B8: PSO: DECIPHER.
    case decipher = 0xB8
    /// A4: INTERNAL AUTHENTICATE.
    case authenticate = 0xA4
}

/// The data field of PSO: DECIPHER (section 7.2.11), by its first byte.
enum Cryptogram: Hashable {
    /// 00: a block for RSA.
    case rsa([UInt8])
    /// 02: blocks for AES.
    case aes([UInt8])
    /// A6 {7F49 {86}}: the other side's public key.
    case point([UInt8])

    init(_ data: [UInt8]) throws(Refusal) {
        switch data.first {
        case 0x00: self = .rsa(Array(data.dropFirst()))
        case 0x02: self = .aes(Array(data.dropFirst()))
        case 0xA6:
            let outer = try dataObjects(data)
            guard outer.count == 1,
                let key = try dataObjects(outer[0].value).first(where: { $0.tag == 0x7F49 }),
                let point = try dataObjects(key.value).first(where: { $0.tag == 0x86 })
            else { throw Refusal(.incorrectData) }
            self = .point(Array(point.value))
        default: throw Refusal(.incorrectData)
        }
    }
}

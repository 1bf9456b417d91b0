import CPKCS11
import Cryptoki
import Platform

/// The calls that most tests make, in one line each.
extension Library {
    func openReadWrite() throws -> UInt { try openSession(0, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION) }

    func login(_ session: UInt, _ user: UInt = CKU_USER) throws {
        let pin = Array("1234".utf8)
        try login(session, userType: user, pin: pin.span.bytes)
    }

    func sign(_ session: UInt) throws -> [UInt8] {
        let data = [UInt8](repeating: 1, count: 32)
        guard case .bytes(let signature) = try sign(session, data: data.span.bytes, capacity: 64) else { return [] }
        return signature
    }

    func find(_ session: UInt, _ template: Attribute...) throws -> [UInt] { try find(session, template) }

    func find(_ session: UInt, _ template: [Attribute]) throws -> [UInt] {
        try findObjectsInit(session, template: template)
        defer { try? findObjectsFinal(session) }
        return try findObjects(session, atMost: 100)
    }

    /// The labels of objects, and "" for one that has none.
    func labels(_ session: UInt, _ objects: [UInt]) throws -> [String] {
        try objects.map { String(decoding: try value(session, $0, CKA_LABEL) ?? [], as: UTF8.self) }
    }

    /// An attribute's value, or nil where it is absent or not given away.
    func value(_ session: UInt, _ object: UInt, _ type: AttributeType) throws -> [UInt8]? {
        switch try attributes(session, of: object, types: [type]).first {
        case .value(let value)?, .secret(let value)?: value
        case .sensitive?, .absent?, nil: nil
        }
    }
}

extension Attribute {
    static func flag(_ type: AttributeType, _ value: Bool) -> Attribute { Attribute(type, [value ? 1 : 0]) }

    static func number(_ type: AttributeType, _ value: UInt) -> Attribute {
        Attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }

    static func text(_ type: AttributeType, _ value: String) -> Attribute { Attribute(type, Array(value.utf8)) }
}

/// Keys and operations in memory.
extension Library {
    /// A secret key with a value that is known.
    func makeKey(_ session: UInt, _ type: UInt, _ value: [UInt8], _ more: Attribute...) throws -> UInt {
        try create(
            session,
            [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, type), Attribute(CKA_VALUE, value)] + more)
    }

    /// An AES key of sixteen times 7 that may do everything.
    func makeAESKey(_ session: UInt, _ more: Attribute...) throws -> UInt {
        try create(
            session,
            [
                .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES),
                Attribute(CKA_VALUE, [UInt8](repeating: 7, count: 16)),
            ]
                + [CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE].map {
                    .flag($0, true)
                }
                + more)
    }

    func encrypt(_ session: UInt, _ data: [UInt8], capacity: Int? = 1 << 20) throws -> Output {
        try encrypt(session, data: data.span.bytes, capacity: capacity)
    }

    func encryptUpdate(_ session: UInt, _ part: [UInt8], capacity: Int? = 1 << 20) throws -> Output {
        try encryptUpdate(session, part: part.span.bytes, capacity: capacity)
    }

    func decrypt(_ session: UInt, _ data: [UInt8], capacity: Int? = 1 << 20) throws -> Output {
        try decrypt(session, ciphertext: data.span.bytes, capacity: capacity)
    }

    func decryptUpdate(_ session: UInt, _ part: [UInt8], capacity: Int? = 1 << 20) throws -> Output {
        try decryptUpdate(session, part: part.span.bytes, capacity: capacity)
    }
}

extension Output {
    /// The result, or nothing where there is none.
    var content: [UInt8] {
        switch self {
        case .bytes(let bytes), .plaintext(let bytes): bytes
        case .secret(let secret): secret.withBytes { [UInt8]($0) }
        case .length, .tooSmall, .written: []
        }
    }
}

/// Whether both are the same answer.
func == (one: Output, other: Output) -> Bool {
    switch (one, other) {
    case (.length(let one), .length(let other)), (.tooSmall(let one), .tooSmall(let other)): one == other
    case (.bytes(let one), .bytes(let other)), (.plaintext(let one), .plaintext(let other)): one == other
    default: false
    }
}

/// The return code of a call, or nil where it is CKR_OK.
func code(_ body: () throws -> Void) -> ReturnCode? {
    do {
        try body()
        return nil
    } catch {
        return error as? ReturnCode
    }
}

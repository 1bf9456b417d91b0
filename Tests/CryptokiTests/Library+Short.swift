import CPKCS11
import Cryptoki

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

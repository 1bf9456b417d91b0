import CPKCS11
import Platform

/// An attribute's type (CK_ATTRIBUTE_TYPE). Unknown values survive.
public typealias AttributeType = UInt

/// One attribute of a template, copied in.
public struct Attribute: Hashable, Sendable {
    /// CKA_…
    public let type: AttributeType
    /// The bytes as they stand in memory at the C border.
    public private(set) var value: [UInt8]

    /// An attribute with its value.
    public init(_ type: AttributeType, _ value: [UInt8]) {
        self.type = type
        self.value = value
    }

    /// Overwrites the value, which may be a key.
    public mutating func wipe() { value.wipe() }
}

/// What an object answers when it is asked for an attribute.
public enum AttributeAnswer: Hashable, Sendable {
    /// The value.
    case value([UInt8])
    /// The same for a key's value: whoever delivers it wipes it.
    case secret([UInt8])
    /// The object has it and does not give it away: CKR_ATTRIBUTE_SENSITIVE.
    case sensitive
    /// The object has no such attribute: CKR_ATTRIBUTE_TYPE_INVALID.
    case absent

    /// Whether the attribute has this value.
    func isEqual(to wanted: [UInt8]) -> Bool {
        switch self {
        case .value(let value), .secret(let value): value == wanted
        case .sensitive, .absent: false
        }
    }

    /// Overwrites the value where it is a key's.
    public mutating func wipe() {
        guard case .secret(var value) = self else { return }
        self = .absent
        value.wipe()
    }

    static func number(_ value: UInt) -> AttributeAnswer { .value(value.nativeBytes) }

    static func flag(_ value: Bool) -> AttributeAnswer { .value([value ? 1 : 0]) }

    static func text(_ value: String) -> AttributeAnswer { .value(Array(value.utf8)) }

    static func numbers(_ values: [UInt]) -> AttributeAnswer { .value(values.flatMap(\.nativeBytes)) }
}

extension UInt {
    /// The bytes of a CK_ULONG as they stand in memory.
    var nativeBytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }

    /// A CK_ULONG out of the bytes of an attribute, or nil where they are too few or too many.
    init?(nativeBytes bytes: [UInt8]) {
        guard bytes.count == MemoryLayout<UInt>.size else { return nil }
        self = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt.self) }
    }
}

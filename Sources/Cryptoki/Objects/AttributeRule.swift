import CPKCS11

/// What the standard says of one attribute of a class of objects (PKCS#11 3.2, section 4.2, table of common footnotes).
struct AttributeRule {
    /// The form of a value.
    enum Form {
        /// CK_BBOOL.
        case flag
        /// CK_ULONG or a type derived from it.
        case number
        /// Any bytes.
        case bytes
        /// UTF-8.
        case text
        /// CK_DATE, or nothing.
        case date
        /// An array of CK_MECHANISM_TYPE.
        case mechanisms
    }

    /// The footnotes of the tables of attributes.
    struct Notes: OptionSet {
        let rawValue: UInt16

        /// Footnote 1: C_CreateObject must be given it.
        static let required = Notes(rawValue: 1)
        /// Footnote 2: C_CreateObject must not be given it.
        static let forbidden = Notes(rawValue: 2)
        /// Footnote 8: C_SetAttributeValue and C_CopyObject may change it.
        static let modifiable = Notes(rawValue: 4)
        /// Footnote 11: once true it stays so.
        static let staysTrue = Notes(rawValue: 8)
        /// Footnote 12: once false it stays so.
        static let staysFalse = Notes(rawValue: 16)
        /// Footnote 10: only the SO may set it to true.
        static let trueByOfficer = Notes(rawValue: 32)
        /// C_CopyObject may give the copy another value, which C_SetAttributeValue cannot change.
        static let copyable = Notes(rawValue: 64)
        /// Footnote 3: C_GenerateKey must be given it.
        static let requiredToGenerate = Notes(rawValue: 128)
        /// Footnote 4: C_GenerateKey must not be given it.
        static let forbiddenToGenerate = Notes(rawValue: 256)
        /// Footnote 5: C_UnwrapKey must be given it. It holds for C_DeriveKey as well.
        static let requiredToUnwrap = Notes(rawValue: 512)
        /// Footnote 6: C_UnwrapKey must not be given it. It holds for C_DeriveKey as well.
        static let forbiddenToUnwrap = Notes(rawValue: 1024)
        /// Footnotes 2, 4 and 6: no template may have it.
        static let computed: Notes = [.forbidden, .forbiddenToGenerate, .forbiddenToUnwrap]
    }

    let type: AttributeType
    let form: Form
    let notes: Notes
    /// The value where the template has none. Nil: the object then lacks the attribute, or it is computed.
    let initial: [UInt8]?

    init(_ type: AttributeType, _ form: Form, _ notes: Notes = [], _ initial: [UInt8]? = nil) {
        self.type = type
        self.form = form
        self.notes = notes
        self.initial = initial
    }

    static func flag(_ type: AttributeType, _ initial: Bool, _ notes: Notes = .modifiable) -> AttributeRule {
        AttributeRule(type, .flag, notes, [initial ? 1 : 0])
    }

    static func text(_ type: AttributeType, _ notes: Notes = .modifiable) -> AttributeRule {
        AttributeRule(type, .text, notes, [])
    }

    static func bytes(_ type: AttributeType, _ notes: Notes = .modifiable) -> AttributeRule {
        AttributeRule(type, .bytes, notes, [])
    }

    static func date(_ type: AttributeType, _ notes: Notes = .modifiable) -> AttributeRule {
        AttributeRule(type, .date, notes, [])
    }

    static func number(_ type: AttributeType, _ initial: UInt, _ notes: Notes = []) -> AttributeRule {
        AttributeRule(type, .number, notes, initial.nativeBytes)
    }

    /// Throws CKR_ATTRIBUTE_VALUE_INVALID unless the value has the attribute's form.
    func check(_ value: [UInt8]) throws(ReturnCode) {
        let isRight =
            switch form {
            case .flag: value == [0] || value == [1]
            case .number: value.count == MemoryLayout<UInt>.size
            case .bytes: true
            case .text: UTF8Check.isValid(value)
            case .date: value.isEmpty || value.count == 8 && value.allSatisfy { (0x30...0x39).contains($0) }
            case .mechanisms: value.count % MemoryLayout<UInt>.size == 0
            }
        guard isRight else { throw .attributeValueInvalid }
    }

    /// Throws unless an object may get another value, by C_SetAttributeValue or as a copy.
    func checkChange(from old: [UInt8]?, to new: [UInt8], isCopy: Bool, isOfficer: Bool) throws(ReturnCode) {
        // What can change may be set to what it is, and a copy be given again what it has anyway.
        if new == old, isCopy || notes.contains(.modifiable) { return }
        let allowed: Notes = isCopy ? [.modifiable, .copyable] : .modifiable
        guard !notes.isDisjoint(with: allowed) else { throw .attributeReadOnly }
        try check(new)
        if notes.contains(.staysTrue), old == [1] { throw .attributeReadOnly }
        if notes.contains(.staysFalse), old == [0] { throw .attributeReadOnly }
        if notes.contains(.trueByOfficer), new == [1], !isOfficer { throw .attributeReadOnly }
    }
}

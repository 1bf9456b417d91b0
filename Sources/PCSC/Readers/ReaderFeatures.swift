/// What a reader says of itself (PC/SC part 10, revision 2.02.09, sections 2.2 and 2.6). Its answers are read
/// with suspicion: anything that is not as specified counts as not said.
enum ReaderFeatures {
    /// CM_IOCTL_GET_FEATURE_REQUEST, as pcsc-lite numbers control codes.
    static let getFeatureRequest: UInt32 = 0x4200_0000 + 3400
    /// The most bytes that are asked for.
    static let capacity = 256

    /// What a reader may have a control code for: FEATURE_.
    enum Feature: UInt8 {
        /// FEATURE_VERIFY_PIN_DIRECT
        case verifyPINDirect = 0x06
        /// FEATURE_MODIFY_PIN_DIRECT
        case modifyPINDirect = 0x07
        /// FEATURE_IFD_PIN_PROPERTIES
        case pinProperties = 0x0A
        /// FEATURE_GET_TLV_PROPERTIES
        case properties = 0x12
    }

    /// What its properties may tell.
    enum Property: UInt8 {
        /// bEntryValidationCondition
        case endsOfEntry = 0x02
        /// bMinPINSize
        case shortestPIN = 0x06
        /// bMaxPINSize
        case longestPIN = 0x07
        /// dwMaxAPDUDataSize
        case maximumAPDUDataSize = 0x0A
        /// wIdVendor
        case vendor = 0x0B
        /// wIdProduct
        case product = 0x0C
    }

    /// The control code of a feature, in the answer to `getFeatureRequest`: entries of tag, length 4 and a big-endian
    /// control code.
    static func code(of feature: Feature, in answer: [UInt8]) -> UInt32? {
        guard let value = value(of: feature.rawValue, in: answer), value.count == 4 else { return nil }
        return value.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A property of one byte; nil where the reader does not say.
    static func byte(of property: Property, inProperties answer: [UInt8]) -> UInt8? {
        guard let value = value(of: property.rawValue, in: answer), value.count == 1 else { return nil }
        return value.first
    }

    /// A little-endian property of two bytes; nil where the reader does not say.
    static func number(of property: Property, inProperties answer: [UInt8]) -> UInt16? {
        guard let value = value(of: property.rawValue, in: answer), value.count == 2 else { return nil }
        return value.reversed().reduce(0) { $0 << 8 | UInt16($1) }
    }

    /// The most bytes of one whole command APDU, in the answer to the properties' control code: entries of tag,
    /// length and a little-endian value. Nil where the reader does not say.
    ///
    /// dwMaxAPDUDataSize counts the data field alone: 0 stands for short APDUs only, 256 to 65536 for that much in
    /// an extended one. Values between are reserved, and taken for 0.
    static func maximumCommandSize(inProperties answer: [UInt8]) -> Int? {
        guard let value = value(of: Property.maximumAPDUDataSize.rawValue, in: answer), value.count == 4 else {
            return nil
        }
        let size = value.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        // ISO/IEC 7816-3, section 12.1.3: header 4, Lc 1 or 3, Le 1 or 2, and at most 65535 bytes of data.
        guard size >= 256 else { return 4 + 1 + 255 + 1 }
        return 4 + 3 + Int(min(size, 65_535)) + 2
    }

    /// The value of the first entry with this tag, if all entries up to it are whole.
    private static func value(of tag: UInt8, in answer: [UInt8]) -> ArraySlice<UInt8>? {
        var rest = answer[...]
        while let entryTag = rest.popFirst(), let length = rest.popFirst() {
            guard Int(length) <= rest.count else { return nil }
            if entryTag == tag { return rest.prefix(Int(length)) }
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }
}

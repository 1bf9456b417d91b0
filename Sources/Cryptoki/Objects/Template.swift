import CPKCS11

/// A template: at most one value for each attribute.
struct Template {
    /// In the order in which they were given.
    let attributes: [Attribute]
    private let values: [AttributeType: [UInt8]]

    /// - Throws: CKR_TEMPLATE_INCONSISTENT where an attribute has two different values.
    init(_ attributes: [Attribute]) throws(ReturnCode) {
        var values: [AttributeType: [UInt8]] = [:]
        for attribute in attributes {
            if let other = values[attribute.type], other != attribute.value { throw .templateInconsistent }
            values[attribute.type] = attribute.value
        }
        self.attributes = attributes
        self.values = values
    }

    subscript(type: AttributeType) -> [UInt8]? { values[type] }

    /// A flag, or what it is where the template says nothing.
    func flag(_ type: AttributeType, otherwise initial: Bool) throws(ReturnCode) -> Bool {
        guard let value = values[type] else { return initial }
        try AttributeRule(type, .flag).check(value)
        return value == [1]
    }

    /// A number that must be there.
    func required(_ type: AttributeType) throws(ReturnCode) -> UInt {
        guard let value = values[type] else { throw .templateIncomplete }
        guard let number = UInt(nativeBytes: value) else { throw .attributeValueInvalid }
        return number
    }
}

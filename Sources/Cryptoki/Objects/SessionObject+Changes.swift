import CPKCS11

/// How a session object changes, and how a copy may differ from its original (PKCS#11 3.2, section 4.1.2 and 4.1.3).
extension SessionObject {
    /// Gives attributes other values: all of them, or none.
    mutating func change(by template: Template, isCopy: Bool, isOfficer: Bool) throws(ReturnCode) {
        let rules = try ObjectSchema.rules(for: Template(attributes.map { Attribute($0.key, $0.value) }))
        var changed = attributes
        for wanted in template.attributes {
            guard let rule = rules.first(where: { $0.type == wanted.type }) else { throw .attributeTypeInvalid }
            // A secret value stands apart from the other attributes, and does not change.
            guard wanted.type != CKA_VALUE || secret == nil else { throw .attributeReadOnly }
            let known = changed[wanted.type]
            let isSame = known.map { AttributeAnswer.value($0).matches(wanted) } ?? false
            let value = isSame ? known ?? wanted.value : wanted.value
            try rule.checkChange(from: known, to: value, isCopy: isCopy, isOfficer: isOfficer)
            changed[wanted.type] = value
        }
        attributes = changed
    }

    /// A copy for another session, before its differences.
    func copied(to owner: UInt) throws(ReturnCode) -> SessionObject {
        SessionObject(
            slot: slot, owner: owner, uniqueID: try Self.newUniqueID(), attributes: attributes, secret: secret,
            publicKey: publicKey,
            privateKey: privateKey)
    }
}

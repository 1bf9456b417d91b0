import CPKCS11
import HostCrypto

/// C_DeriveKey (PKCS#11 3.2, section 5.18.5).
extension Library {
    /// C_DeriveKey.
    public func deriveKey(
        _ handle: UInt, mechanism: Mechanism, baseKey: UInt, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        let session = try liveSession(handle)
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.agreement {
            return try agreeOnKey(scheme, mechanism, with: baseKey, attributes, in: session)
        }
        guard let scheme = entry?.derivation else { throw .mechanismInvalid }
        guard mechanism.parameter != .unknown else { throw .mechanismParameterInvalid }
        let base = try secretKey(baseKey, in: session, for: CKA_DERIVE, mechanism.type, scheme.demand)
        // The value of a second key goes into the new one as well, so it must be one to derive from.
        let other: SecretKeyUse? =
            if let second = Derivation.otherHandle(scheme, mechanism.parameter) {
                try secretKey(second, in: session, for: CKA_DERIVE, mechanism.type, .any)
            } else { nil }
        let derivation = Derivation(
            scheme: scheme, parameter: mechanism.parameter, base: base.secret, other: other?.secret)
        if case .hkdfData = scheme { return try deriveData(derivation, Template(attributes), in: session) }
        let parents = [base.object] + (other.map { [$0.object] } ?? [])
        return try deriveSecret(
            attributes + derivation.inheritedAttributes(of: parents),
            from: .derived(
                alwaysSensitive: parents.allSatisfy { $0.flag(CKA_ALWAYS_SENSITIVE) },
                neverExtractable: parents.allSatisfy { $0.flag(CKA_NEVER_EXTRACTABLE) }),
            in: session
        ) { (count) throws(ReturnCode) in try derivation.value(count) }
    }

    /// Makes a secret key in memory. All that can be said of the template is said before the value is computed, which may
    /// take the card.
    ///
    /// - Parameter value: the value of the key, as long as the template wants it, where it says so.
    func deriveSecret(
        _ attributes: [Attribute], from origin: ObjectOrigin, in session: Session,
        _ value: (Int?) throws(ReturnCode) -> StoredSecret
    ) throws(ReturnCode) -> UInt {
        var contributed = [Attribute(CKA_CLASS, CKO_SECRET_KEY.nativeBytes)]
        if try Template(attributes)[CKA_KEY_TYPE] == nil {
            contributed.append(Attribute(CKA_KEY_TYPE, CKK_GENERIC_SECRET.nativeBytes))
        }
        let template = try Template(attributes + contributed)
        try checkStaysInMemory(template, session)
        guard let type = SecretKeyType(try template.required(CKA_KEY_TYPE)) else { throw .attributeValueInvalid }
        let count = try wantedSize(template)
        if let count {
            guard type.takes(count) else { throw .attributeValueInvalid }
        } else if type == .aes {
            // Its keys have several lengths.
            throw .templateIncomplete
        }
        try SessionObject.check(template, origin, isOfficer: isOfficer(session))
        return try addKey(template, from: origin, try value(count), in: session)
    }

    /// CKM_HKDF_DATA: a data object (PKCS#11 3.2, section 6.62.4). CKA_VALUE_LEN is for the mechanism and no attribute of
    /// the object.
    private func deriveData(
        _ derivation: Derivation, _ given: Template, in session: Session
    ) throws(ReturnCode) -> UInt {
        try checkStaysInMemory(given, session)
        guard given[CKA_VALUE] == nil else { throw .attributeReadOnly }
        let value = try derivation.value(try wantedSize(given))
        let attributes =
            given.attributes.filter { $0.type != CKA_VALUE_LEN } + [
                Attribute(CKA_CLASS, CKO_DATA.nativeBytes), Attribute(CKA_VALUE, value.copy()),
            ]
        let object = try SessionObject(
            Template(attributes), slot: session.slot, owner: session.handle,
            isOfficer: isOfficer(session))
        return try add(object, in: session)
    }

    private func wantedSize(_ template: Template) throws(ReturnCode) -> Int? {
        guard template[CKA_VALUE_LEN] != nil else { return nil }
        guard let count = Int(exactly: try template.required(CKA_VALUE_LEN)), SecretKeyType.sizes.contains(count) else {
            throw .attributeValueInvalid
        }
        return count
    }
}

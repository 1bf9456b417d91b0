import CPKCS11
import HostCrypto

/// C_DeriveKey (PKCS#11 3.2, section 5.18.5), from secret keys in memory.
extension Library {
    /// C_DeriveKey.
    public func deriveKey(
        _ handle: UInt, mechanism: Mechanism, baseKey: UInt, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        let session = try liveSession(handle)
        guard let scheme = MechanismCatalogue.entry(mechanism.type)?.derivation else { throw .mechanismInvalid }
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
        return try deriveSecret(derivation, [base.object] + (other.map { [$0.object] } ?? []), attributes, in: session)
    }

    private func deriveSecret(
        _ derivation: Derivation, _ parents: [SessionObject], _ attributes: [Attribute], in session: Session
    ) throws(ReturnCode) -> UInt {
        let given = try Template(attributes)
        var contributed = [Attribute(CKA_CLASS, CKO_SECRET_KEY.nativeBytes)]
        if given[CKA_KEY_TYPE] == nil { contributed.append(Attribute(CKA_KEY_TYPE, CKK_GENERIC_SECRET.nativeBytes)) }
        if derivation.scheme.keepsSensitivity {
            if parents.contains(where: { $0.flag(CKA_SENSITIVE) }) { contributed.append(Attribute(CKA_SENSITIVE, [1])) }
            if !parents.allSatisfy({ $0.flag(CKA_EXTRACTABLE) }) { contributed.append(Attribute(CKA_EXTRACTABLE, [0])) }
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
        let origin = ObjectOrigin.derived(
            alwaysSensitive: parents.allSatisfy { $0.flag(CKA_ALWAYS_SENSITIVE) },
            neverExtractable: parents.allSatisfy { $0.flag(CKA_NEVER_EXTRACTABLE) })
        return try addKey(template, from: origin, try derivation.value(count), in: session)
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

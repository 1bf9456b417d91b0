import CPKCS11
import HostCrypto
import SoftToken

/// C_DeriveKey (PKCS#11 3.2, section 5.18.5).
extension Session {
    /// C_DeriveKey.
    public func deriveKey(
        mechanism: Mechanism, baseKey: UInt, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        try checkPresence()
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.agreement {
            return try agreeOnKey(scheme, mechanism, with: baseKey, attributes)
        }
        guard let scheme = entry?.derivation else { throw .mechanismInvalid }
        guard mechanism.parameter != .unknown else { throw .mechanismParameterInvalid }
        let base = try self.baseKey(baseKey, scheme, mechanism)
        // The value of a second key goes into the new one as well, so it must be one to derive from.
        let other: SecretKeyUse? =
            if let second = scheme.otherHandle(mechanism.parameter) {
                try secretKey(second, for: CKA_DERIVE, mechanism.type, .any)
            } else { nil }
        let derivation = KeyDerivation(try scheme.function(mechanism.parameter, other?.secret), from: base.secret)
        if case .hkdfData = scheme { return try deriveData(derivation, Template(attributes)) }
        let parents = [base.object] + (other.map { [$0.object] } ?? [])
        return try deriveSecret(
            attributes + scheme.inheritedAttributes(of: parents),
            from: .derived(
                alwaysSensitive: parents.allSatisfy { $0.flag(CKA_ALWAYS_SENSITIVE) },
                neverExtractable: parents.allSatisfy { $0.flag(CKA_NEVER_EXTRACTABLE) })
        ) { (count) throws(ReturnCode) in
            try scheme.checkPieces(count, mechanism.parameter, of: base, other)
            return try ReturnCode.translating { () throws(SoftTokenError) in try derivation.value(count) }
        }
    }

    /// What a key is derived from: a secret key, or for HKDF data as long as the hash (PKCS#11 3.2, section 6.62).
    private func baseKey(
        _ handle: UInt, _ scheme: DerivationScheme, _ mechanism: Mechanism
    ) throws(ReturnCode) -> SecretKeyUse {
        guard let size = scheme.dataSize(mechanism.parameter),
            case .session(let object)? = calls.object(handle, in: record), object.objectClass == CKO_DATA,
            let data = object.attributes[CKA_VALUE], data.count == size
        else { return try secretKey(handle, for: CKA_DERIVE, mechanism.type, scheme.demand) }
        let secret = try ReturnCode.translating { () throws(SoftTokenError) in try StoredSecret(data) }
        return SecretKeyUse(hold: hold(handle, of: .session(object)), object: object, secret: secret)
    }

    /// Makes a secret key in memory. All that can be said of the template is said before the value is computed, which may
    /// take the card.
    ///
    /// - Parameter value: the value of the key, as long as the template wants it, where it says so.
    func deriveSecret(
        _ attributes: [Attribute], from origin: ObjectOrigin,
        _ value: (Int?) throws(ReturnCode) -> StoredSecret
    ) throws(ReturnCode) -> UInt {
        var contributed = [Attribute(CKA_CLASS, CKO_SECRET_KEY.nativeBytes)]
        if try Template(attributes)[CKA_KEY_TYPE] == nil {
            contributed.append(Attribute(CKA_KEY_TYPE, CKK_GENERIC_SECRET.nativeBytes))
        }
        let template = try Template(attributes + contributed)
        try checkStaysInMemory(template)
        guard let type = SecretKeyType(try template.required(CKA_KEY_TYPE)) else { throw .attributeValueInvalid }
        let count = try wantedSize(template)
        if let count {
            guard type.takes(count) else { throw .attributeValueInvalid }
        } else if type == .aes {
            // Its keys have several lengths.
            throw .templateIncomplete
        }
        try SessionObject.check(template, origin, isOfficer: isOfficer)
        return try addKey(template, from: origin, try value(count))
    }

    /// CKM_HKDF_DATA: a data object (PKCS#11 3.2, section 6.62.4). CKA_VALUE_LEN is for the mechanism and no attribute of
    /// the object.
    private func deriveData(
        _ derivation: KeyDerivation, _ given: Template
    ) throws(ReturnCode) -> UInt {
        try checkStaysInMemory(given)
        guard given[CKA_VALUE] == nil else { throw .attributeReadOnly }
        let size = try wantedSize(given)
        let value = try ReturnCode.translating { () throws(SoftTokenError) in try derivation.value(size) }
        let attributes =
            given.attributes.filter { $0.type != CKA_VALUE_LEN } + [
                Attribute(CKA_CLASS, CKO_DATA.nativeBytes), Attribute(CKA_VALUE, value.copy()),
            ]
        let object = try SessionObject(
            Template(attributes), slot: slot, owner: handle,
            isOfficer: isOfficer)
        return try add(object)
    }

    private func wantedSize(_ template: Template) throws(ReturnCode) -> Int? {
        guard template[CKA_VALUE_LEN] != nil else { return nil }
        guard let count = Int(exactly: try template.required(CKA_VALUE_LEN)), SecretKeyType.sizes.contains(count) else {
            throw .attributeValueInvalid
        }
        return count
    }
}

import CPKCS11
import HostCrypto
import SoftToken

/// C_GenerateKey (PKCS#11 3.2, section 5.18.1).
extension Session {
    /// C_GenerateKey: a secret key in memory. The mechanism tells its class and type; the template may repeat them.
    public func generateKey(
        mechanism: Mechanism, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        try checkPresence()
        guard let keyType = MechanismCatalogue.entry(mechanism.type)?.generates else { throw .mechanismInvalid }
        guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
        let template = try Template(
            attributes + [
                Attribute(CKA_CLASS, CKO_SECRET_KEY.nativeBytes), Attribute(CKA_KEY_TYPE, keyType.nativeBytes),
            ])
        try checkStaysInMemory(template)
        let count = Int(clamping: try template.required(CKA_VALUE_LEN))
        guard SecretKeyType(keyType)?.takes(count) == true else { throw .attributeValueInvalid }
        return try addKey(template, from: .generated(by: mechanism.type), randomSecret(count))
    }

    /// Throws where a template wants a key on the card: no card here holds secret keys that it is given, so the template
    /// cannot be met as a whole (section 4.1.1, CKR_TEMPLATE_INCONSISTENT).
    func checkStaysInMemory(_ template: Template) throws(ReturnCode) {
        guard try template.flag(CKA_TOKEN, otherwise: false) else { return }
        guard record.isReadWrite else { throw .sessionReadOnly }
        throw .templateInconsistent
    }

    /// Makes a key in memory and gives it its handle.
    func addKey(
        _ template: Template, from origin: ObjectOrigin, _ secret: StoredSecret
    ) throws(ReturnCode) -> UInt {
        let object = try SessionObject(
            template, from: origin, secret: secret, slot: slot, owner: handle,
            isOfficer: isOfficer)
        try library.keyRoles.check(object, from: origin)
        return try add(object)
    }

    /// The same out of a value, which is wiped.
    func addKey(
        _ template: Template, from origin: ObjectOrigin, wiping value: inout [UInt8]
    ) throws(ReturnCode) -> UInt { try addKey(template, from: origin, try Self.stored(&value)) }

    private static func stored(_ bytes: inout [UInt8]) throws(ReturnCode) -> StoredSecret {
        try ReturnCode.translating { () throws(SoftTokenError) in try StoredSecret(wiping: &bytes) }
    }

    private func randomSecret(_ count: Int) throws(ReturnCode) -> StoredSecret {
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try Random.bytes(count)
        } catch {
            throw ReturnCode(error)
        }
        return try Self.stored(&bytes)
    }
}

import CPKCS11
import HostCrypto

/// C_GenerateKey (PKCS#11 3.2, section 5.18.1).
extension Library {
    /// C_GenerateKey: a secret key in memory. The mechanism tells its class and type; the template may repeat them.
    public func generateKey(
        _ handle: UInt, mechanism: Mechanism, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        let session = try liveSession(handle)
        guard let keyType = MechanismCatalogue.entry(mechanism.type)?.generates else { throw .mechanismInvalid }
        guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
        let template = try Template(
            attributes + [
                Attribute(CKA_CLASS, CKO_SECRET_KEY.nativeBytes), Attribute(CKA_KEY_TYPE, keyType.nativeBytes),
            ])
        try checkStaysInMemory(template, session)
        let count = Int(clamping: try template.required(CKA_VALUE_LEN))
        guard SecretKeyType(keyType)?.takes(count) == true else { throw .attributeValueInvalid }
        return try addKey(template, from: .generated(by: mechanism.type), randomSecret(count), in: session)
    }

    /// Throws where a template wants a key on the card: no card here holds secret keys that it is given, so the template
    /// cannot be met as a whole (section 4.1.1, CKR_TEMPLATE_INCONSISTENT).
    func checkStaysInMemory(_ template: Template, _ session: Session) throws(ReturnCode) {
        guard try template.flag(CKA_TOKEN, otherwise: false) else { return }
        guard session.isReadWrite else { throw .sessionReadOnly }
        throw .templateInconsistent
    }

    /// Makes a key in memory and gives it its handle.
    func addKey(
        _ template: Template, from origin: ObjectOrigin, _ secret: StoredSecret, in session: Session
    ) throws(ReturnCode) -> UInt {
        let object = try SessionObject(
            template, from: origin, secret: secret, slot: session.slot, owner: session.handle,
            isOfficer: isOfficer(session))
        return try add(object, in: session)
    }

    private func randomSecret(_ count: Int) throws(ReturnCode) -> StoredSecret {
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try Random.bytes(count)
        } catch {
            throw ReturnCode(error)
        }
        return try StoredSecret(wiping: &bytes)
    }
}

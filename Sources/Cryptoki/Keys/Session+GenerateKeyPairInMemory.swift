import CPKCS11
import HostCrypto
import Token

/// C_GenerateKeyPair without CKA_TOKEN: key pairs in memory.
extension Session {
    func generateInMemory(
        _ scheme: KeyPairScheme, _ mechanism: UInt, _ publicTemplate: Template, _ privateTemplate: Template
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        let publicTemplate = try publicTemplate.completed(CKO_PUBLIC_KEY, scheme.keyType)
        let privateTemplate = try privateTemplate.completed(CKO_PRIVATE_KEY, scheme.keyType)
        // All that is wrong with the templates is said before a key is computed.
        let (origin, isOfficer) = (ObjectOrigin.generated(by: mechanism), isOfficer)
        try SessionObject.check(publicTemplate, origin, isOfficer: isOfficer)
        try SessionObject.check(privateTemplate, origin, isOfficer: isOfficer)
        let type = try scheme.algorithm(publicTemplate)
        try scheme.check(type, isNew: true, on: cardAlgorithms())
        guard let pair = try? PrivateKey.generate(type) else { throw scheme.refusal }
        func half(_ template: Template) throws(ReturnCode) -> SessionObject {
            try SessionObject(
                template, from: origin, pair: pair, slot: slot, owner: handle, isOfficer: isOfficer)
        }
        let (publicKey, privateKey) = (try half(publicTemplate), try half(privateTemplate))
        try library.keyRoles.check(publicKey, privateKey, from: origin)
        return try add(publicKey, privateKey)
    }
}

extension Template {
    /// With what the mechanism says of a key; the template may repeat it.
    fileprivate func completed(_ objectClass: UInt, _ keyType: UInt) throws(ReturnCode) -> Template {
        try Template(
            attributes + [
                Attribute(CKA_CLASS, objectClass.nativeBytes), Attribute(CKA_KEY_TYPE, keyType.nativeBytes),
            ])
    }
}

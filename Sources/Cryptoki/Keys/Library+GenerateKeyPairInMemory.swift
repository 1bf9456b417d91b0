import CPKCS11
import HostCrypto
import Token

/// C_GenerateKeyPair without CKA_TOKEN: key pairs in memory.
extension Library {
    func generateInMemory(
        _ scheme: KeyPairScheme, _ mechanism: UInt, _ publicTemplate: Template, _ privateTemplate: Template,
        _ session: Session
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        let publicTemplate = try publicTemplate.completed(CKO_PUBLIC_KEY, scheme.keyType)
        let privateTemplate = try privateTemplate.completed(CKO_PRIVATE_KEY, scheme.keyType)
        // All that is wrong with the templates is said before a key is computed.
        let (origin, isOfficer) = (ObjectOrigin.generated(by: mechanism), isOfficer(session))
        try SessionObject.check(publicTemplate, origin, isOfficer: isOfficer)
        try SessionObject.check(privateTemplate, origin, isOfficer: isOfficer)
        let algorithm = try scheme.algorithm(publicTemplate)
        guard let type = KeyType(algorithm) else { throw scheme.refusal }
        try scheme.check(type, isNew: true, on: cardAlgorithms(of: token(of: session), in: session.slot))
        guard let pair = try? PrivateKey.generate(type) else { throw scheme.refusal }
        func half(_ template: Template) throws(ReturnCode) -> SessionObject {
            try SessionObject(
                template, from: origin, pair: pair, slot: session.slot, owner: session.handle, isOfficer: isOfficer)
        }
        return try add(half(publicTemplate), half(privateTemplate), in: session)
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

extension KeyType {
    /// What a key of this algorithm is in the host's memory; nil for a curve that is not known here.
    fileprivate init?(_ algorithm: KeyAlgorithm) {
        switch algorithm {
        case .rsa(let bits): self = .rsa(bits: bits)
        case .curve(let name): self.init(name)
        }
    }
}

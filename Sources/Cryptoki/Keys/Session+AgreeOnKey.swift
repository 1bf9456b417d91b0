import CPKCS11
import HostCrypto
import SoftToken

/// Key agreement with a private key (PKCS#11 3.2, section 6.3).
extension Session {
    /// C_DeriveKey with CKM_ECDH1_DERIVE or CKM_ECDH1_COFACTOR_DERIVE: a secret key in memory.
    func agreeOnKey(
        _ scheme: AgreementScheme, _ mechanism: Mechanism, with handle: UInt, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        guard case .agreement(let parameters) = mechanism.parameter else { throw .mechanismParameterInvalid }
        let derivation = try AgreementDerivation(parameters.function, sharedData: parameters.sharedData)
        let key = try privateKey(handle, for: .derive, CKA_DERIVE, mechanism.type, where: scheme.fits)
        let peer = try key.publicKey.peer(given: parameters.publicData)
        return try deriveSecret(attributes, from: try origin(of: key)) { (wanted) throws(ReturnCode) in
            let size = try ReturnCode.translating { () throws(SoftTokenError) in
                try derivation.size(wanted, ofSecretWith: key.publicKey.type.sharedSecretSize ?? 0)
            }
            var secret = try sharedSecret(key, peer)
            return try ReturnCode.translating { () throws(SoftTokenError) in
                try derivation.key(from: &secret, size: size)
            }
        }
    }

    /// The secret that a private key shares with another one.
    func sharedSecret(_ key: PrivateKeyUse, _ peer: PublicKey) throws(ReturnCode) -> [UInt8] {
        try usingOnce(key) { (key) throws(ReturnCode) in try key.sharedSecret(peer) }
    }

    /// What a key that comes out of an agreement has of the private key.
    private func origin(of key: PrivateKeyUse) throws(ReturnCode) -> ObjectOrigin {
        .derived(
            alwaysSensitive: try answer(key.key.object, CKA_ALWAYS_SENSITIVE) == .flag(true),
            neverExtractable: try answer(key.key.object, CKA_NEVER_EXTRACTABLE) == .flag(true))
    }
}

import CPKCS11
import HostCrypto

/// Key agreement with a private key (PKCS#11 3.2, section 6.3).
extension Library {
    /// C_DeriveKey with CKM_ECDH1_DERIVE or CKM_ECDH1_COFACTOR_DERIVE: a secret key in memory.
    func agreeOnKey(
        _ scheme: AgreementScheme, _ mechanism: Mechanism, with handle: UInt, _ attributes: [Attribute],
        in session: Session
    ) throws(ReturnCode) -> UInt {
        guard case .agreement(let parameters) = mechanism.parameter else { throw .mechanismParameterInvalid }
        let derivation = try AgreementDerivation(parameters.function, sharedData: parameters.sharedData)
        let key = try privateKey(handle, in: session, for: .derive, CKA_DERIVE, mechanism.type, where: scheme.fits)
        let peer = try key.publicKey.peer(given: parameters.publicData)
        return try deriveSecret(attributes, from: try origin(of: key), in: session) { (wanted) throws(ReturnCode) in
            let size = try derivation.size(wanted, ofSecretWith: key.publicKey.type.sharedSecretSize ?? 0)
            var secret = try sharedSecret(key, peer, in: session)
            return try derivation.key(from: &secret, size: size)
        }
    }

    /// The secret that a private key shares with another one.
    func sharedSecret(
        _ key: KeyUse, _ peer: PublicKey, in session: Session
    ) throws(ReturnCode) -> [UInt8] {
        try usingOnce(key, in: session) { (authorization) throws(ReturnCode) in
            try key.holder.sharedSecret(peer, authorization, self)
        }
    }

    /// What a key that comes out of an agreement has of the private key.
    private func origin(of key: KeyUse) throws(ReturnCode) -> ObjectOrigin {
        .derived(
            alwaysSensitive: try answer(key.holder.object, CKA_ALWAYS_SENSITIVE) == .flag(true),
            neverExtractable: try answer(key.holder.object, CKA_NEVER_EXTRACTABLE) == .flag(true))
    }
}

import CPKCS11
import HostCrypto
import Platform
import Token

/// Key agreement with a private key of the card (PKCS#11 3.2, section 6.3).
extension Library {
    /// C_DeriveKey with CKM_ECDH1_DERIVE or CKM_ECDH1_COFACTOR_DERIVE: a secret key in memory.
    func agreeOnKey(
        _ scheme: AgreementScheme, _ parameter: Mechanism.Parameter, with handle: UInt, _ attributes: [Attribute],
        in session: Session
    ) throws(ReturnCode) -> UInt {
        guard case .agreement(let parameters) = parameter else { throw .mechanismParameterInvalid }
        let derivation = try AgreementDerivation(parameters.function, sharedData: parameters.sharedData)
        let key = try privateKey(handle, in: session, for: .derive)
        guard scheme.fits(key.publicKey) else { throw .keyTypeInconsistent }
        let peer = try key.publicKey.peer(given: parameters.publicData)
        return try deriveSecret(attributes, from: try origin(of: key), in: session) { (wanted) throws(ReturnCode) in
            let size = try derivation.size(wanted, ofSecretWith: key.publicKey.type.sharedSecretSize ?? 0)
            var secret = try sharedSecret(key, peer, in: session)
            return try derivation.key(from: &secret, size: size)
        }
    }

    /// The secret that a key of the card shares with another one.
    func sharedSecret(
        _ key: KeyUse, _ peer: PublicKey, in session: Session
    ) throws(ReturnCode) -> [UInt8] {
        let object = key.object
        return try usingOnce(key, in: session) { (authorization) throws(ReturnCode) in
            do throws(ReturnCode) {
                return try asking(object.slot, object.token, "key agreement") { () throws(TokenError) in
                    try object.token.sharedSecret(
                        with: object.reference, point: peer.octets, authorization: authorization)
                }
            } catch {
                throw error == .dataInvalid ? .publicKeyInvalid : error
            }
        }
    }

    /// What a key that comes out of an agreement has of the key of the card.
    private func origin(of key: KeyUse) throws(ReturnCode) -> ObjectOrigin {
        let isFromCard = try answer(.token(key.object), CKA_NEVER_EXTRACTABLE) == .flag(true)
        return .derived(alwaysSensitive: isFromCard, neverExtractable: isFromCard)
    }
}

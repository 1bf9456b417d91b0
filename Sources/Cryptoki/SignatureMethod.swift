import CPKCS11
import HostCrypto

/// A mechanism that signs, with its parameter: all that can be wrong before a key is looked at.
struct SignatureMethod {
    let scheme: SigningScheme
    /// Where the scheme is PSS.
    let pss: PSSParameters?
    /// Whether there is a parameter.
    private let hasParameter: Bool

    /// - Throws: CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID.
    init(_ mechanism: Mechanism) throws(ReturnCode) {
        guard let scheme = MechanismCatalogue.entry(mechanism.type)?.signature else { throw .mechanismInvalid }
        self.scheme = scheme
        hasParameter = mechanism.parameter != .none
        switch (scheme.algorithm, mechanism.parameter) {
        case (.rsaPSS, .pss(let fields)):
            let parameters = try fields.parameters()
            guard scheme.digest == nil || scheme.digest == parameters.digest else { throw .mechanismParameterInvalid }
            pss = parameters
        case (.rsaPKCS1, .none), (.rsaRaw, .none), (.ecdsa, .none), (.edDSA, .none): pss = nil
        // Pre-hashed and with a context: no card has that, nor libcrypto 3.0.
        case (.edDSA, .edDSA(preHashed: false, context: [])): pss = nil
        default: throw .mechanismParameterInvalid
        }
    }

    /// Throws where the method cannot work with a key: CKR_KEY_TYPE_INCONSISTENT, or CKR_KEY_SIZE_RANGE where the modulus
    /// is too short for the hash, or CKR_MECHANISM_PARAM_INVALID where it is for the salt.
    func check(_ key: PublicKey) throws(ReturnCode) {
        guard scheme.fits(key) else { throw .keyTypeInconsistent }
        switch key {
        // Section 6.3.15: with CK_EDDSA_PARAMS it is Ed25519ctx, whose signatures are others even where the context is
        // empty. Ed448 wants them.
        case .ed25519 where hasParameter, .ed448 where !hasParameter: throw .mechanismParameterInvalid
        default: break
        }
        guard case .rsa(let bits) = key.type else { return }
        if let pss {
            // RFC 8017, section 9.1.1: the encoding has one bit less than the modulus.
            let room = (bits + 6) / 8 - pss.digest.size - 2
            guard room >= 0 else { throw .keySizeRange }
            guard pss.saltSize <= room else { throw .mechanismParameterInvalid }
        } else if let digest = scheme.digest {
            guard digest.digestInfoPrefix.count + digest.size <= key.signatureSize - 11 else { throw .keySizeRange }
        }
    }
}

import CPKCS11
import HostCrypto

/// A mechanism that signs, with its parameter: all that can be wrong before a key is looked at.
struct SignatureMethod {
    let scheme: SigningScheme
    /// Where the scheme is PSS.
    let pss: PSSParameters?
    /// Whether CK_EDDSA_PARAMS were given. They are what tells Ed25519ctx from Ed25519, and Ed448 must have them (PKCS#11
    /// 3.2, section 6.3, mapping to the schemes of RFC 8032).
    private let hasEdDSAParameters: Bool

    /// - Throws: CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID.
    init(_ mechanism: Mechanism) throws(ReturnCode) {
        guard let scheme = MechanismCatalogue.entry(mechanism.type)?.signature else { throw .mechanismInvalid }
        self.scheme = scheme
        switch (scheme.algorithm, mechanism.parameter) {
        case (.rsaPSS, .pss(let fields)):
            let parameters = try fields.parameters()
            guard scheme.digest == nil || scheme.digest == parameters.digest else { throw .mechanismParameterInvalid }
            pss = parameters
        case (.rsaPKCS1, .none), (.rsaRaw, .none), (.ecdsa, .none), (.edDSA, .none): pss = nil
        // Ed25519ph and Ed448 with a context: no card has them, nor libcrypto 3.0.
        case (.edDSA, .edDSA(preHashed: false, context: [])): pss = nil
        default: throw .mechanismParameterInvalid
        }
        hasEdDSAParameters = scheme.algorithm == .edDSA && mechanism.parameter != .none
    }

    /// Throws where the method cannot work with a key: CKR_KEY_TYPE_INCONSISTENT, or CKR_KEY_SIZE_RANGE where the modulus
    /// is too short for the hash, or CKR_MECHANISM_PARAM_INVALID where it is for the salt, or where
    /// EdDSA has parameters that are another curve's.
    ///
    /// - Parameter mostToPad: the most bytes that PKCS#1 v1.5 pads with this key.
    func check(_ key: PublicKey, mostToPad: Int) throws(ReturnCode) {
        guard scheme.fits(key) else { throw .keyTypeInconsistent }
        if scheme.algorithm == .edDSA {
            guard hasEdDSAParameters == (key.type == .ed448) else { throw .mechanismParameterInvalid }
        }
        guard case .rsa(let bits) = key.type else { return }
        if let pss {
            // RFC 8017, section 9.1.1: the encoding has one bit less than the modulus.
            let room = (bits + 6) / 8 - pss.digest.size - 2
            guard room >= 0 else { throw .keySizeRange }
            guard pss.saltSize <= room else { throw .mechanismParameterInvalid }
        } else if let size = scheme.paddedSize {
            guard size <= mostToPad else { throw .keySizeRange }
        }
    }
}

import HostCrypto

/// The data that a signature gives back (PKCS#11 3.2, sections 5.15.5 and 5.15.6), on the host.
struct SignatureRecovery {
    /// Whether the padding of PKCS#1 v1.5 comes off, or the signature is raw.
    let isPadded: Bool
    let key: PublicKey
    let modulusSize: Int

    /// - Throws: CKR_KEY_TYPE_INCONSISTENT.
    init(_ method: SignatureMethod, _ key: PublicKey) throws(ReturnCode) {
        guard case .rsa(let modulus, _) = key else { throw .keyTypeInconsistent }
        isPadded = method.scheme.algorithm == .rsaPKCS1
        modulusSize = modulus.count
        self.key = key
    }

    func data(in given: RawSpan) throws(ReturnCode) -> [UInt8] {
        // Before it is read: a caller's wrong length is not to be followed.
        guard given.byteCount == modulusSize else { throw .signatureLengthRange }
        let signature = [UInt8](given)
        do throws(HostCryptoError) {
            return isPadded ? try key.recoverPKCS1(signature) : try key.rsaPublicOperation(signature)
        } catch {
            throw .signatureInvalid
        }
    }
}

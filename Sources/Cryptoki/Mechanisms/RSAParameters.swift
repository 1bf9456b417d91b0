import CPKCS11
import HostCrypto

/// CK_RSA_PKCS_PSS_PARAMS.
public struct PSSFields: Hashable, Sendable {
    /// hashAlg.
    public let hash: UInt
    /// mgf.
    public let mask: UInt
    /// sLen.
    public let saltSize: UInt

    /// The parameters.
    public init(hash: UInt, mask: UInt, saltSize: UInt) {
        self.hash = hash
        self.mask = mask
        self.saltSize = saltSize
    }
}

/// CK_RSA_PKCS_OAEP_PARAMS.
public struct OAEPFields: Hashable, Sendable {
    /// hashAlg.
    public let hash: UInt
    /// mgf.
    public let mask: UInt
    /// source.
    public let source: UInt
    /// pSourceData.
    public let label: [UInt8]

    /// The parameters.
    public init(hash: UInt, mask: UInt, source: UInt = CKZ_DATA_SPECIFIED, label: [UInt8] = []) {
        self.hash = hash
        self.mask = mask
        self.source = source
        self.label = label
    }
}

extension PSSFields {
    /// What they say, or CKR_MECHANISM_PARAM_INVALID. The mask may be made with another hash function than the hash.
    func parameters() throws(ReturnCode) -> PSSParameters {
        guard let digest = MechanismCatalogue.digest(hash), let maskDigest = MechanismCatalogue.maskDigests[mask],
            let saltSize = Int(exactly: saltSize)
        else { throw .mechanismParameterInvalid }
        return PSSParameters(digest: digest, maskDigest: maskDigest, saltSize: saltSize)
    }
}

extension OAEPFields {
    /// What they say, or CKR_MECHANISM_PARAM_INVALID. Where there is no label nobody needs to say where it comes from:
    /// `pkcs11-tool` of OpenSC 0.23 gives 0.
    func parameters() throws(ReturnCode) -> OAEPParameters {
        guard let digest = MechanismCatalogue.digest(hash), let maskDigest = MechanismCatalogue.maskDigests[mask],
            source == CKZ_DATA_SPECIFIED || source == 0 && label.isEmpty
        else { throw .mechanismParameterInvalid }
        return OAEPParameters(digest: digest, maskDigest: maskDigest, label: label)
    }
}

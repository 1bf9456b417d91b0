import CPKCS11
import HostCrypto
import SoftToken

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
    /// `pkcs11-tool` of OpenSC 0.23 gives 0. As mask function pkcs11-provider gives 0, and means that of the hash.
    func parameters() throws(ReturnCode) -> OAEPParameters {
        guard let digest = MechanismCatalogue.digest(hash),
            let maskDigest = mask == 0 ? digest : MechanismCatalogue.maskDigests[mask],
            source == CKZ_DATA_SPECIFIED || source == 0 && label.isEmpty
        else { throw .mechanismParameterInvalid }
        return OAEPParameters(digest: digest, maskDigest: maskDigest, label: label)
    }
}

/// How a mechanism encrypts with RSA (PKCS#11 3.2, sections 6.1.6, 6.1.8 and 6.1.9).
enum RSAScheme: Hashable {
    case pkcs1, oaep, raw

    /// The encryption with the mechanism's parameter, or CKR_MECHANISM_PARAM_INVALID.
    func encryption(_ parameter: Mechanism.Parameter) throws(ReturnCode) -> RSAEncryption {
        switch (self, parameter) {
        case (.pkcs1, .none): .pkcs1
        case (.raw, .none): .raw
        case (.oaep, .oaep(let fields)): .oaep(try fields.parameters())
        default: throw .mechanismParameterInvalid
        }
    }

    /// Whether a card can undo it: one that takes the padding off itself knows one padding only.
    func isPossible(ifCardPadsRSA pads: Bool) -> Bool { self == .pkcs1 || !pads }
}

/// How a mechanism wraps with RSA.
enum RSAWrappingScheme: Hashable {
    case direct(RSAScheme)
    case throughAES

    var encryption: RSAScheme {
        switch self {
        case .direct(let scheme): scheme
        case .throughAES: .oaep
        }
    }

    /// The wrapping with the mechanism's parameter, or CKR_MECHANISM_PARAM_INVALID.
    func wrapping(_ parameter: Mechanism.Parameter) throws(ReturnCode) -> RSAWrapping {
        let (encryption, bits): (RSAEncryption, UInt?)
        switch (self, parameter) {
        case (.direct(let scheme), _): (encryption, bits) = (try scheme.encryption(parameter), nil)
        case (.throughAES, .rsaAESKeyWrap(let size, let fields)):
            (encryption, bits) = (.oaep(try fields.parameters()), size)
        default: throw .mechanismParameterInvalid
        }
        return try ReturnCode.translating { () throws(SoftTokenError) in
            try RSAWrapping(encryption, aesKeyBits: bits)
        }
    }
}

import CPKCS11
import HostCrypto
import SoftToken

/// A mechanism with its parameter, copied in.
public struct Mechanism: Hashable, Sendable {
    /// CKM_…
    public let type: UInt
    /// The parameter.
    public let parameter: Parameter

    /// The parameters that the mechanisms here take.
    public enum Parameter: Hashable, Sendable {
        /// A NULL pointer, or a length of zero.
        case none
        /// CK_EDDSA_PARAMS.
        case edDSA(preHashed: Bool, context: [UInt8])
        /// An initialization vector, or CK_KEY_DERIVATION_STRING_DATA.
        case bytes([UInt8])
        /// CK_MAC_GENERAL_PARAMS, CK_EXTRACT_PARAMS or CK_OBJECT_HANDLE.
        case number(UInt)
        /// CK_AES_CTR_PARAMS.
        case counter(CounterParameters)
        /// CK_GCM_PARAMS.
        case gcm(GCMParameters)
        /// CK_CCM_PARAMS.
        case ccm(CCMParameters)
        /// CK_HKDF_PARAMS.
        case hkdf(HKDFParameters)
        /// CK_ECDH_AES_KEY_WRAP_PARAMS.
        case agreementKeyWrap(aesKeyBits: UInt, function: UInt, sharedData: [UInt8])
        /// CK_ECDH1_DERIVE_PARAMS.
        case agreement(AgreementParameters)
        /// CK_RSA_PKCS_PSS_PARAMS.
        case pss(PSSFields)
        /// CK_RSA_PKCS_OAEP_PARAMS.
        case oaep(OAEPFields)
        /// CK_RSA_AES_KEY_WRAP_PARAMS.
        case rsaAESKeyWrap(aesKeyBits: UInt, OAEPFields)
        /// Something that the mechanism does not take.
        case unknown
    }

    /// A mechanism.
    public init(_ type: UInt, _ parameter: Parameter = .none) {
        self.type = type
        self.parameter = parameter
    }

    /// The parameter that the C border must copy for a mechanism.
    public static func form(of type: UInt) -> ParameterForm { MechanismCatalogue.entry(type)?.parameter ?? .none }
}

/// How a mechanism's parameter stands in memory.
public enum ParameterForm: Hashable, Sendable {
    /// There is none.
    case none
    /// As it is: so many bytes at most.
    case bytes(most: Int)
    /// A CK_ULONG, or what is one by another name.
    case number
    /// CK_EDDSA_PARAMS.
    case edDSA
    /// CK_AES_CTR_PARAMS.
    case counter
    /// CK_GCM_PARAMS.
    case gcm
    /// CK_CCM_PARAMS.
    case ccm
    /// CK_KEY_DERIVATION_STRING_DATA.
    case stringData
    /// CK_HKDF_PARAMS.
    case hkdf
    /// CK_ECDH1_DERIVE_PARAMS.
    case agreement
    /// CK_ECDH_AES_KEY_WRAP_PARAMS.
    case agreementKeyWrap
    /// CK_RSA_PKCS_PSS_PARAMS.
    case pss
    /// CK_RSA_PKCS_OAEP_PARAMS.
    case oaep
    /// CK_RSA_AES_KEY_WRAP_PARAMS.
    case rsaAESKeyWrap
}

/// CK_AES_CTR_PARAMS.
public typealias CounterParameters = SoftToken.CounterParameters
/// CK_GCM_PARAMS.
public typealias GCMParameters = SoftToken.GCMParameters
/// The counters of messages, which the process keeps.
public typealias MessageCounters = SoftToken.MessageCounters
/// CK_CCM_PARAMS.
public typealias CCMParameters = SoftToken.CCMParameters

/// CK_HKDF_PARAMS.
public struct HKDFParameters: Hashable, Sendable {
    /// How the salt is given: ulSaltType.
    public enum Salt: Hashable, Sendable {
        case none
        case data([UInt8])
        case key(UInt)
    }

    /// bExtract.
    public let extracts: Bool
    /// bExpand.
    public let expands: Bool
    /// prfHashMechanism.
    public let hash: UInt
    /// The salt.
    public let salt: Salt
    /// pInfo.
    public let info: [UInt8]

    /// The parameters.
    public init(extracts: Bool, expands: Bool, hash: UInt, salt: Salt = .none, info: [UInt8] = []) {
        self.extracts = extracts
        self.expands = expands
        self.hash = hash
        self.salt = salt
        self.info = info
    }
}

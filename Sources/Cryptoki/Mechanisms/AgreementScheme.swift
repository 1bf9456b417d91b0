import CPKCS11
import HostCrypto
import Keys
import SoftToken
import Token

/// CK_ECDH1_DERIVE_PARAMS.
public struct AgreementParameters: Hashable, Sendable {
    /// kdf: CKD_…
    public let function: UInt
    /// pSharedData.
    public let sharedData: [UInt8]
    /// pPublicData: the other side's point.
    public let publicData: [UInt8]

    /// The parameters.
    public init(function: UInt, sharedData: [UInt8] = [], publicData: [UInt8]) {
        self.function = function
        self.sharedData = sharedData
        self.publicData = publicData
    }
}

/// How a mechanism agrees on a secret with a private key (PKCS#11 3.2, section 6.3). The cofactor of all
/// curves here is 1, so that Diffie-Hellman with and without it are the same.
struct AgreementScheme {
    /// Whether it is for Montgomery curves too.
    let takesMontgomery: Bool

    /// The sizes of a card's keys that the scheme is for, or nil where there are none.
    func sizes(_ algorithms: CardAlgorithms) -> ClosedRange<Int>? {
        let sizes = [algorithms.agreement, takesMontgomery ? algorithms.montgomery : nil].compactMap { $0 }
        guard let least = sizes.map(\.lowerBound).min(), let most = sizes.map(\.upperBound).max() else { return nil }
        return least...most
    }

    /// Whether the scheme is for keys of this type.
    func fits(_ key: PublicKey) -> Bool {
        switch key {
        case .ec: true
        case .montgomery: takesMontgomery
        case .rsa, .edwards: false
        }
    }
}

extension AgreementDerivation {
    /// CKD_… with its shared data. CKR_MECHANISM_PARAM_INVALID for a function that is not known, or that takes no such data.
    init(_ number: UInt, sharedData: [UInt8]) throws(ReturnCode) {
        guard let function = Self.functions[number] else {
            guard number == CKD_NULL else { throw .mechanismParameterInvalid }
            self = try ReturnCode.translating { () throws(SoftTokenError) in
                try AgreementDerivation(nil, sharedData: sharedData)
            }
            return
        }
        self = try ReturnCode.translating { () throws(SoftTokenError) in
            try AgreementDerivation(function, sharedData: sharedData)
        }
    }

    private static let functions: [UInt: (AgreementKDF, Digest)] = [
        CKD_SHA1_KDF: (.x963, .sha1), CKD_SHA224_KDF: (.x963, .sha224), CKD_SHA256_KDF: (.x963, .sha256),
        CKD_SHA384_KDF: (.x963, .sha384), CKD_SHA512_KDF: (.x963, .sha512), CKD_SHA3_224_KDF: (.x963, .sha3_224),
        CKD_SHA3_256_KDF: (.x963, .sha3_256), CKD_SHA3_384_KDF: (.x963, .sha3_384),
        CKD_SHA3_512_KDF: (.x963, .sha3_512), CKD_SHA1_KDF_SP800: (.concatenation, .sha1),
        CKD_SHA224_KDF_SP800: (.concatenation, .sha224), CKD_SHA256_KDF_SP800: (.concatenation, .sha256),
        CKD_SHA384_KDF_SP800: (.concatenation, .sha384), CKD_SHA512_KDF_SP800: (.concatenation, .sha512),
        CKD_SHA3_224_KDF_SP800: (.concatenation, .sha3_224), CKD_SHA3_256_KDF_SP800: (.concatenation, .sha3_256),
        CKD_SHA3_384_KDF_SP800: (.concatenation, .sha3_384), CKD_SHA3_512_KDF_SP800: (.concatenation, .sha3_512),
    ]
}

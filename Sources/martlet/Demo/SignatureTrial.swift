import CLibrary
import CPKCS11
import HostCrypto
import Keys
import PKCS11Provider

/// A signature by a token's key, over a text that says what it is, verified by libcrypto.
struct SignatureTrial {
    /// What becomes of one key.
    struct Result {
        let mechanism: String
        /// How long C_SignInit to C_Sign took.
        let milliseconds: Int
        let isGood: Bool
    }

    private static let message = Array("A trial signature of martlet demo. It promises nothing.".utf8)

    private let key: PublicKey
    private let mechanism: (name: String, value: CK_MECHANISM_TYPE)

    /// Nil where the key is of a kind that cannot sign.
    init?(_ key: PublicKey) {
        self.key = key
        switch key.type {
        case .rsa: mechanism = ("SHA256-RSA-PKCS", CKM_SHA256_RSA_PKCS)
        case .ec(let curve) where curve.fieldSize > 32: mechanism = ("ECDSA-SHA384", CKM_ECDSA_SHA384)
        case .ec: mechanism = ("ECDSA-SHA256", CKM_ECDSA_SHA256)
        case .edwards: mechanism = ("EDDSA", CKM_EDDSA)
        case .montgomery: return nil
        }
    }

    /// Signs and verifies. `authenticate` is called before the signature is made, where the key wants its own login.
    func run(
        _ session: ProviderSession, _ handle: CK_OBJECT_HANDLE,
        authenticate: () throws(ProviderError) -> Void = {}
    ) throws(ProviderError) -> Result {
        let start = Self.now()
        // Ed448 wants its parameters, though there is no context; Ed25519 would be another algorithm with them.
        let edDSA = key.type == .ed448 ? CK_EDDSA_PARAMS() : nil
        let signature = try session.sign(
            Self.message, mechanism.value, edDSA: edDSA, key: handle, authenticate: authenticate)
        let milliseconds = Self.now() - start
        // What libcrypto cannot even read is no good signature either.
        let isGood = (try? verify(signature)) ?? false
        return Result(mechanism: mechanism.name, milliseconds: milliseconds, isGood: isGood)
    }

    private func verify(_ signature: [UInt8]) throws(HostCryptoError) -> Bool {
        switch key {
        case .rsa:
            return try key.verifyPKCS1(signature, hash: Digest.sha256.hash(Self.message), digest: .sha256)
        case .ec(let curve, _):
            let digest: Digest = mechanism.value == CKM_ECDSA_SHA384 ? .sha384 : .sha256
            let value = try ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize)
            return try key.verifyECDSA(value, hash: digest.hash(Self.message))
        case .edwards: return try key.verifyEdDSA(signature, message: Self.message)
        case .montgomery: return false
        }
    }

    /// Milliseconds of a clock that nobody sets.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

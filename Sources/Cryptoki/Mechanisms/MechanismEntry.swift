import CPKCS11
import HostCrypto
import Keys
import Token

/// CK_MECHANISM_INFO.
public struct MechanismInfo: Hashable, Sendable {
    /// ulMinKeySize, in the unit that the standard names for the mechanism; 0 where it has no meaning.
    public let minimumKeySize: UInt
    /// ulMaxKeySize.
    public let maximumKeySize: UInt
    /// CKF_…
    public let flags: UInt

    /// The same without some of the flags.
    func without(_ removed: UInt) -> MechanismInfo {
        MechanismInfo(minimumKeySize: minimumKeySize, maximumKeySize: maximumKeySize, flags: flags & ~removed)
    }
}

/// A row of the table of mechanisms: what a mechanism does, for which keys, and how. Each function looks for what it
/// needs; a mechanism that lacks that is none for this function (CKR_MECHANISM_INVALID).
struct MechanismEntry {
    /// CKM_…
    let type: UInt
    /// The parameter as it stands in memory.
    var parameter = ParameterForm.none
    /// The sizes of keys that it is for, in the unit that the standard names for the mechanism; 0 where they
    /// have no meaning.
    var keySizes: ClosedRange<UInt> = 0...0
    /// The flags of the curves.
    var curveFlags: UInt = 0

    /// C_DigestInit.
    var digest: Digest?
    /// C_SignInit with a private key, C_VerifyInit with a public key.
    var signature: SigningScheme?
    /// C_SignRecoverInit and C_VerifyRecoverInit.
    var recovers = false
    /// C_EncryptInit with an RSA public key, C_DecryptInit with an RSA private key.
    var rsaCipher: RSAScheme?
    /// C_WrapKey with an RSA public key, C_UnwrapKey with an RSA private key.
    var rsaWrapping: RSAWrappingScheme?
    /// C_SignInit and C_VerifyInit with a secret key.
    var code: CodeScheme?
    /// C_EncryptInit and C_DecryptInit with a secret key.
    var cipher: CipherScheme?
    /// C_WrapKey and C_UnwrapKey with a secret key.
    var wrapping: WrappingScheme?
    /// C_MessageEncryptInit and C_MessageDecryptInit.
    var isForMessages = false
    /// C_GenerateKey: the type of the key.
    var generates: UInt?
    /// C_GenerateKeyPair.
    var generatesPair: KeyPairScheme?
    /// C_DeriveKey from a secret key.
    var derivation: DerivationScheme?
    /// C_DeriveKey with a private key.
    var agreement: AgreementScheme?
    /// C_WrapKey with the public key of an elliptic curve, C_UnwrapKey with such a private key.
    var wrapsByAgreement = false
}

/// C_GetMechanismInfo.
extension MechanismEntry {
    /// What the mechanism does for a token: what its card can, and the host. Nil where that is nothing.
    func information(for algorithms: CardAlgorithms, padsRSA: Bool) -> MechanismInfo? {
        let cardSizes = cardKeySizes(algorithms, padsRSA)
        let sizes = cardSizes ?? keySizes
        let flags = hostFlags | (cardSizes == nil ? 0 : cardFlags)
        guard flags != 0 else { return nil }
        return MechanismInfo(
            minimumKeySize: sizes.lowerBound, maximumKeySize: sizes.upperBound, flags: flags | curveFlags)
    }

    private var hostFlags: UInt {
        var flags: UInt = 0
        if digest != nil { flags |= CKF_DIGEST }
        if signature != nil { flags |= CKF_VERIFY | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE }
        if recovers { flags |= CKF_VERIFY_RECOVER }
        if rsaCipher != nil { flags |= CKF_ENCRYPT }
        if rsaWrapping != nil || wrapsByAgreement { flags |= CKF_WRAP }
        if code != nil { flags |= CKF_SIGN | CKF_VERIFY | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE }
        if cipher != nil { flags |= CKF_ENCRYPT | CKF_DECRYPT }
        if wrapping != nil { flags |= CKF_WRAP | CKF_UNWRAP }
        if isForMessages { flags |= CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE }
        if generates != nil { flags |= CKF_GENERATE }
        if derivation != nil { flags |= CKF_DERIVE }
        return flags
    }

    private var cardFlags: UInt {
        var flags = CKF_HW
        if signature != nil { flags |= CKF_SIGN | CKF_MESSAGE_SIGN }
        if recovers { flags |= CKF_SIGN_RECOVER }
        if rsaCipher != nil { flags |= CKF_DECRYPT }
        if rsaWrapping != nil || wrapsByAgreement { flags |= CKF_UNWRAP }
        if agreement != nil { flags |= CKF_DERIVE }
        if generatesPair != nil { flags |= CKF_GENERATE_KEY_PAIR }
        return flags
    }

    /// The sizes of the card's keys that the mechanism can be used with, or nil where it is none for the card.
    private func cardKeySizes(_ algorithms: CardAlgorithms, _ padsRSA: Bool) -> ClosedRange<UInt>? {
        if isForSecretKeysOnCard { return algorithms.hasAES ? keySizes : nil }
        guard isPossible(ifCardPadsRSA: padsRSA) else { return nil }
        let sizes =
            generatesPair?.sizes(algorithms, areNew: true) ?? agreement?.sizes(algorithms) ?? usableSizes(algorithms)
        return sizes.map { UInt(clamping: $0.lowerBound)...UInt(clamping: $0.upperBound) }
    }

    private func usableSizes(_ algorithms: CardAlgorithms) -> ClosedRange<Int>? {
        switch signature?.algorithm {
        case .ecdsa?: algorithms.ecdsa
        case .edDSA?: algorithms.edDSA
        case nil where wrapsByAgreement: algorithms.agreement
        case nil where rsaCipher == nil && rsaWrapping == nil: nil
        case .rsaPKCS1?, .rsaPSS?, .rsaRaw?, nil: algorithms.rsa
        }
    }

    private var isForSecretKeysOnCard: Bool { MechanismCatalogue.ofSecretKeysOnCard.contains(type) }

    /// Whether a card could do its part of the mechanism, with the right key.
    private func isPossible(ifCardPadsRSA pads: Bool) -> Bool {
        signature?.isPossible(ifCardPadsRSA: pads) == true || rsaCipher?.isPossible(ifCardPadsRSA: pads) == true
            || rsaWrapping?.encryption.isPossible(ifCardPadsRSA: pads) == true || agreement != nil || wrapsByAgreement
            || generatesPair != nil
    }
}

/// CKA_ALLOWED_MECHANISMS.
extension MechanismEntry {
    /// Whether the host can use a public key of the card with the mechanism.
    ///
    /// - Parameter agrees: whether the private key is one to agree with.
    func takes(public key: PublicKey, agrees: Bool) -> Bool {
        if let signature { return signature.fits(key) }
        return key.isRSA ? rsaCipher != nil || rsaWrapping != nil : key.isEC && agrees && wrapsByAgreement
    }

    /// Whether the card does its part of the mechanism with a private key.
    func takes(private key: PublicKey, for usage: KeyUsage, of token: any Token) -> Bool {
        let pads = token.padsRSA
        if let signature, usage.contains(.sign), signature.isPossible(with: key, on: token) { return true }
        if let agreement { return usage.contains(.derive) && agreement.fits(key) }
        if wrapsByAgreement { return usage.contains(.derive) && key.isEC }
        guard key.isRSA, usage.contains(.decrypt) else { return false }
        return rsaCipher?.isPossible(ifCardPadsRSA: pads) == true
            || rsaWrapping?.encryption.isPossible(ifCardPadsRSA: pads) == true
    }
}

import CPKCS11
import HostCrypto

/// CK_MECHANISM_INFO.
public struct MechanismInfo: Hashable, Sendable {
    /// ulMinKeySize, in the unit that the standard names for the mechanism; 0 where it has no meaning.
    public let minimumKeySize: UInt
    /// ulMaxKeySize.
    public let maximumKeySize: UInt
    /// CKF_…
    public let flags: UInt
}

/// A row of the table of mechanisms: what a mechanism does, for which keys, and how. Each function looks for what it
/// needs; a mechanism that lacks that is none for this function (CKR_MECHANISM_INVALID).
struct MechanismEntry {
    /// CKM_…
    let type: UInt
    /// The parameter as it stands in memory.
    var parameter = ParameterForm.none
    /// The sizes of keys, in the unit that the standard names for the mechanism; 0 where they have no meaning.
    var keySizes: ClosedRange<UInt> = 0...0
    /// Flags that do not follow from what the mechanism does here: curves, and CKF_HW where the card computes.
    var otherFlags: UInt = 0

    /// C_DigestInit.
    var digest: Digest?
    /// C_SignInit with a key of the card, C_VerifyInit with a public key.
    var signature: SigningScheme?
    /// C_DecryptInit with an RSA key of the card.
    var isDeciphering = false
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
    /// C_GenerateKeyPair on the card.
    var generatesPair: KeyPairScheme?
    /// C_DeriveKey from a secret key.
    var derivation: DerivationScheme?
    /// C_DeriveKey with a private key of the card.
    var agreement: AgreementScheme?

    var information: MechanismInfo {
        var flags = otherFlags
        if digest != nil { flags |= CKF_DIGEST }
        if signature != nil || code != nil { flags |= CKF_SIGN | CKF_VERIFY }
        if isDeciphering { flags |= CKF_DECRYPT }
        if cipher != nil { flags |= CKF_ENCRYPT | CKF_DECRYPT }
        if wrapping != nil { flags |= CKF_WRAP | CKF_UNWRAP }
        if isForMessages { flags |= CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE }
        if generates != nil { flags |= CKF_GENERATE }
        if generatesPair != nil { flags |= CKF_GENERATE_KEY_PAIR }
        if derivation != nil || agreement != nil { flags |= CKF_DERIVE }
        return MechanismInfo(minimumKeySize: keySizes.lowerBound, maximumKeySize: keySizes.upperBound, flags: flags)
    }
}

import CPKCS11
import HostCrypto
import Token

/// A private key that acts, wherever it is.
protocol UsablePrivateKey {
    /// The object that is the key.
    var object: StoredObject { get }
    /// Whether the padding of RSA is put on and taken off there.
    var padsRSA: Bool { get }
    /// Which signatures are verified before they leave.
    var signatureCheck: SignatureCheck { get }

    /// How much is taken to sign that is not hashed before.
    func limits(for key: PublicKey) -> SignatureInput.Limits

    /// The key applied to what is signed. ECDSA gives DER, as cards do.
    func sign(_ block: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8]

    /// An RSA ciphertext deciphered: a padded block, or where `padsRSA` its content.
    func decipher(_ ciphertext: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8]

    /// The secret shared with the holder of another key.
    func sharedSecret(_ peer: PublicKey, _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8]

    /// What a signature means that does not verify, and was withheld: CKR_KEY_HANDLE_INVALID where another key has taken
    /// the place of this one.
    func returnCodeOfWrongSignature() -> ReturnCode
}

/// A private key that an operation was begun with.
final class PrivateKeyUse {
    let hold: KeyHold
    let key: any UsablePrivateKey
    let publicKey: PublicKey
    /// Whether a card takes part that pads RSA itself.
    let isCardPadding: Bool
    /// Whether the key wants the PIN for just this use (CKA_ALWAYS_AUTHENTICATE).
    let isAlwaysAuthenticate: Bool
    /// What C_Login(CKU_CONTEXT_SPECIFIC) brought. It goes with the operation.
    var authorization: (any UseAuthorization)?

    init(
        _ hold: KeyHold, _ key: any UsablePrivateKey, _ publicKey: PublicKey, isCardPadding: Bool,
        isAlwaysAuthenticate: Bool = false, _ authorization: (any UseAuthorization)? = nil
    ) {
        self.hold = hold
        self.key = key
        self.publicKey = publicKey
        self.isCardPadding = isCardPadding
        self.isAlwaysAuthenticate = isAlwaysAuthenticate
        self.authorization = authorization
    }

    var handle: UInt { hold.handle }

    /// What an operation does not outlive: a key of the card, or a private object.
    var required: KeyHold? {
        if case .session(let object) = key.object, !object.isPrivate { return nil }
        return hold
    }

    var needsAuthentication: Bool { isAlwaysAuthenticate && authorization == nil }

    /// Which of the card's keys it is, where it is one.
    var cardKey: ObjectReference? {
        if case .token(let object) = key.object { object.reference } else { nil }
    }

    func sign(_ block: [UInt8]) throws(ReturnCode) -> [UInt8] { try key.sign(block, authorization) }

    func decipher(_ ciphertext: [UInt8]) throws(ReturnCode) -> [UInt8] { try key.decipher(ciphertext, authorization) }

    func sharedSecret(_ peer: PublicKey) throws(ReturnCode) -> [UInt8] { try key.sharedSecret(peer, authorization) }
}

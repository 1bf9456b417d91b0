import CPKCS11
import Platform

/// A signature or a message authentication code in the making.
protocol SigningOperation: AnyObject {
    /// How many bytes the signature has.
    var signatureSize: Int { get }

    /// Takes in data: all of it, or a part.
    func update(_ part: RawSpan) throws(ReturnCode)

    /// The signature. Nothing can be added afterwards.
    func finish() throws(ReturnCode) -> [UInt8]
}

/// The check of a signature or of a message authentication code.
protocol VerificationOperation: AnyObject {
    /// Takes in data: all of it, or a part.
    func update(_ part: RawSpan) throws(ReturnCode)

    /// Throws CKR_SIGNATURE_INVALID unless the signature is right, CKR_SIGNATURE_LEN_RANGE where it cannot be.
    func check(_ signature: RawSpan) throws(ReturnCode)
}

/// An encryption or a decryption in the making. Each function answers by the convention of PKCS#11 3.2, section 5.2: a
/// length query or a short buffer changes nothing.
protocol CipherOperation: AnyObject {
    /// All data at once.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    func process(_ data: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output

    /// A part of the data.
    ///
    /// - Parameter buffer: the caller's, where the result may be written there.
    func update(_ part: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output

    /// What is still to come out after the last part.
    func finish(capacity: Int?) throws(ReturnCode) -> Output
}

extension CipherOperation {
    func process(_ data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try process(data, capacity: capacity, into: nil)
    }

    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try update(part, capacity: capacity, into: nil)
    }
}

/// The handle of a key, and the login under which it was given.
struct KeyHold {
    let handle: UInt
    /// Which login of the slot it was, where the key is a private object; nil where everybody sees it.
    let login: Int?
}

/// The key that an operation was begun with, as far as the operation depends on it.
enum OperationKey {
    /// None, or one that everybody may use.
    case open
    /// A secret key in memory.
    case secret(SecretKeyUse)
    /// A secret key of the card.
    case cardSecret(KeyHold)
    /// A private key. A card may want its PIN for just this use.
    case privateKey(PrivateKeyUse)

    /// What must still stand for the next step: an operation does not outlive the login that its key needed.
    ///
    /// - Parameter isForResult: whether the step is to give the result. A key that is applied at the end alone is not looked
    ///   for before.
    func required(isForResult: Bool) -> KeyHold? {
        switch self {
        case .open: nil
        case .secret(let key): key.object.isPrivate ? key.hold : nil
        case .cardSecret(let hold): isForResult ? hold : nil
        case .privateKey(let key): isForResult ? key.required : nil
        }
    }

    var privateKey: PrivateKeyUse? {
        if case .privateKey(let key) = self { key } else { nil }
    }
}

/// An operation that was begun with a key: what computes it, and how far it is.
final class KeyedOperation<Computation> {
    let computation: Computation
    let key: OperationKey
    /// Whether data came in parts.
    var isMultiPart = false
    /// The signature that C_VerifySignatureInit was given for the verification; nil for one that C_VerifyInit began.
    let givenSignature: [UInt8]?

    init(_ computation: Computation, with key: OperationKey, signature: [UInt8]? = nil) {
        self.computation = computation
        self.key = key
        givenSignature = signature
    }
}

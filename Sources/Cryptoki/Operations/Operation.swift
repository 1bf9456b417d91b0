import CPKCS11

/// What a session does between a function that begins with a key and the one that ends it.
protocol KeyedOperation: AnyObject {
    /// The private key, where it is one. A card may want its PIN for just this use.
    var privateKey: KeyUse? { get set }
    /// The secret key, where it is one.
    var secretKey: SecretKeyUse? { get }
    /// Whether data came in parts.
    var isMultiPart: Bool { get set }
}

extension KeyedOperation {
    var secretKey: SecretKeyUse? { nil }
}

/// A signature or a message authentication code in the making.
protocol SigningOperation: KeyedOperation {
    /// How many bytes the signature has.
    var signatureSize: Int { get }

    /// Takes in data: all of it, or a part.
    func update(_ part: RawSpan) throws(ReturnCode)

    /// The signature. Nothing can be added afterwards.
    func finish(_ library: Library, _ session: Session) throws(ReturnCode) -> [UInt8]
}

/// The check of a signature or of a message authentication code.
protocol VerificationOperation: KeyedOperation {
    /// Takes in data: all of it, or a part.
    func update(_ part: RawSpan) throws(ReturnCode)

    /// Throws CKR_SIGNATURE_INVALID unless the signature is right, CKR_SIGNATURE_LEN_RANGE where it cannot be.
    func check(_ signature: RawSpan) throws(ReturnCode)
}

/// An encryption or a decryption in the making. Each function answers by the convention of PKCS#11 3.2, section 5.2: a
/// length query or a short buffer changes nothing.
protocol CipherOperation: KeyedOperation {
    /// All data at once.
    func process(
        _ data: RawSpan, capacity: Int?, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output

    /// A part of the data.
    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output

    /// What is still to come out after the last part.
    func finish(capacity: Int?, _ library: Library, _ session: Session) throws(ReturnCode) -> Output
}

import HostCrypto
import Platform

/// The check of a signature with a public key, on the host.
final class PublicKeyVerification: VerificationOperation {
    private var input: SignatureInput

    init(_ method: SignatureMethod, _ key: PublicKey) throws(ReturnCode) {
        input = try SignatureInput(method, key, SignatureInput.Limits(key))
    }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func check(_ signature: RawSpan) throws(ReturnCode) {
        guard signature.byteCount == input.signatureSize else { throw .signatureLengthRange }
        guard input.isSigned(try input.content(), by: [UInt8](signature)) else { throw .signatureInvalid }
    }
}

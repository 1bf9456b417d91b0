import HostCrypto
import Token

/// A signature with a private key.
final class PrivateKeySignature: SigningOperation {
    private var input: SignatureInput
    private let key: PrivateKeyUse

    init(_ method: SignatureMethod, _ key: PrivateKeyUse) throws(ReturnCode) {
        guard method.scheme.isPossible(ifCardPadsRSA: key.isCardPadding) else { throw .mechanismInvalid }
        input = try SignatureInput(method, key.publicKey, key.key.limits(for: key.publicKey))
        self.key = key
    }

    var signatureSize: Int { input.signatureSize }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func finish() throws(ReturnCode) -> [UInt8] {
        let content = try input.content()
        let block = try input.block(of: content, isPadded: !key.key.padsRSA)
        let signature = try input.signature(from: key.sign(block))
        // A fault in the computation would give its key away (Boneh, DeMillo, Lipton 1997).
        guard !isChecked || input.isSigned(content, by: signature) else {
            key.key.noteWrongSignature()
            throw .deviceError
        }
        return signature
    }

    /// To verify RSA costs the host next to nothing; the others do cost something.
    private var isChecked: Bool {
        if case .rsa = key.publicKey { return true }
        return key.key.verifiesSignatures
    }
}

import HostCrypto
import Token

/// A signature with a private key.
final class PrivateKeySignature: SigningOperation {
    private var input: SignatureInput
    private let key: KeyUse
    var privateKey: KeyUse?
    var isMultiPart = false

    init(_ method: SignatureMethod, _ key: KeyUse) throws(ReturnCode) {
        guard method.scheme.isPossible(ifCardPadsRSA: key.token.padsRSA) else { throw .mechanismInvalid }
        input = try SignatureInput(method, key.publicKey, key.holder.limits(for: key.publicKey))
        self.key = key
        privateKey = key
    }

    var signatureSize: Int { input.signatureSize }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func finish(_ library: Library, _ session: Session) throws(ReturnCode) -> [UInt8] {
        if let handle = key.requiredHandle { try library.checkStillVisible(handle, in: session) }
        let content = try input.content()
        let block = try input.block(of: content, isPadded: !key.holder.padsRSA)
        let answer = try key.holder.sign(block, privateKey?.authorization, library)
        let signature = try input.signature(from: answer)
        // A fault in the computation would give its key away (Boneh, DeMillo, Lipton 1997).
        guard !isChecked(library) || input.isSigned(content, by: signature) else {
            library.log.line("C_Sign: the signature does not verify; it is withheld")
            throw .deviceError
        }
        return signature
    }

    /// To verify RSA costs the host next to nothing; the others do cost something.
    private func isChecked(_ library: Library) -> Bool {
        if case .rsa = key.publicKey { return true }
        return library.verifiesAllSignatures
    }
}

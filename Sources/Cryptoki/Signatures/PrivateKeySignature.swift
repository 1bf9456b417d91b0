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
        let answer = try key.sign(block)
        // It may be another key's by now, and a fault in the computation would give this one away (Boneh, DeMillo, Lipton
        // 1997).
        guard let signature = input.signature(from: answer),
            isChecked ? input.isSigned(content, by: signature) : input.isInRange(signature)
        else { throw key.key.returnCodeOfWrongSignature() }
        return signature
    }

    private var isChecked: Bool {
        switch (key.key.signatureCheck, key.publicKey) {
        case (.all, _), (.rsa, .rsa): true
        case (.rsa, _), (.off, _): false
        }
    }
}

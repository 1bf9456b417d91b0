import HostCrypto
import Token

/// A signature that the card makes.
final class CardSignature: SigningOperation {
    private var input: SignatureInput
    private let key: KeyUse
    var cardKey: KeyUse?
    var isMultiPart = false

    init(_ method: SignatureMethod, _ key: KeyUse) throws(ReturnCode) {
        guard method.scheme.isPossible(ifCardPadsRSA: key.object.token.padsRSA) else { throw .mechanismInvalid }
        input = try SignatureInput(method, key.publicKey, mostMessage: SignatureInput.mostForCard)
        self.key = key
        cardKey = key
    }

    var signatureSize: Int { input.signatureSize }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func finish(_ library: Library, _ session: Session) throws(ReturnCode) -> [UInt8] {
        try library.checkStillVisible(key.handle, in: session)
        let content = try input.content()
        let (object, authorization) = (key.object, cardKey?.authorization)
        let block = try input.block(of: content, isPadded: !object.token.padsRSA)
        let answer = try library.asking(object.slot, object.token, "C_Sign") { () throws(TokenError) in
            try object.token.sign(with: object.reference, input: block, authorization: authorization)
        }
        let signature = try input.signature(from: answer)
        // A fault in the card's computation would give its key away (Boneh, DeMillo, Lipton 1997).
        guard !isChecked(library) || input.isSigned(content, by: signature) else {
            library.log.line("C_Sign: the card's signature does not verify; it is withheld")
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

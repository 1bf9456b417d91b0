import HostCrypto
import Token

/// A signature that the card makes.
final class CardSignature: SigningOperation {
    private var input: SignatureInput
    private let key: KeyUse
    var cardKey: KeyUse?
    var isMultiPart = false

    init(_ input: SignatureInput, _ key: KeyUse) {
        self.input = input
        self.key = key
        cardKey = key
    }

    var signatureSize: Int { input.signatureSize }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func finish(_ library: Library, _ session: Session) throws(ReturnCode) -> [UInt8] {
        try library.checkStillVisible(key.handle, in: session)
        let block = try input.block()
        let (object, authorization) = (key.object, cardKey?.authorization)
        let answer = try library.asking(object.slot, object.token, "C_Sign") { () throws(TokenError) in
            try object.token.sign(
                with: object.reference, input: object.token.padsRSA ? block.unpadded : block.padded,
                authorization: authorization)
        }
        let signature = try input.signature(from: answer)
        if case .rsa = key.publicKey {
            // A fault in the card's computation would give its key away (Boneh, DeMillo, Lipton 1997).
            guard (try? key.publicKey.rsaPublicOperation(signature)) == block.padded else {
                library.log.line("C_Sign: the card's signature does not verify; it is withheld")
                throw .deviceError
            }
        }
        return signature
    }
}

/// The check of a signature with a public key, on the host.
final class PublicKeyVerification: VerificationOperation {
    private var input: SignatureInput
    var cardKey: KeyUse?
    var isMultiPart = false

    init(_ input: SignatureInput) { self.input = input }

    func update(_ part: RawSpan) throws(ReturnCode) { try input.update(part) }

    func check(_ given: RawSpan) throws(ReturnCode) {
        guard given.byteCount == input.signatureSize else { throw .signatureLengthRange }
        let signature = given.withUnsafeBytes { [UInt8]($0) }
        let block = try input.block().padded
        let isRight: Bool
        do throws(HostCryptoError) {
            switch input.publicKey {
            case .rsa: isRight = try input.publicKey.rsaPublicOperation(signature) == block
            case .ec(let curve, _):
                let pair = try ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize)
                isRight = try input.publicKey.verifyECDSA(pair, hash: block)
            case .ed25519, .ed448: isRight = try input.publicKey.verifyEdDSA(signature, message: block)
            case .x25519, .x448: isRight = false
            }
        } catch {
            throw .signatureInvalid
        }
        guard isRight else { throw .signatureInvalid }
    }
}

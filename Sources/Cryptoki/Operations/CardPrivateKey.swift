import HostCrypto
import Token

/// A private key of the card.
struct CardPrivateKey: UsablePrivateKey {
    let tokenObject: TokenObject
    let calls: TokenCalls
    let signatureCheck: SignatureCheck

    var object: StoredObject { .token(tokenObject) }
    var padsRSA: Bool { tokenObject.token.padsRSA }

    func limits(for key: PublicKey) -> SignatureInput.Limits { SignatureInput.Limits(tokenObject.token, key) }

    func sign(_ block: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try asking("C_Sign", invalid: .dataInvalid) { () throws(TokenError) in
            try tokenObject.token.sign(with: tokenObject.reference, input: block, authorization: authorization)
        }
    }

    func decipher(_ ciphertext: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        // The log does not tell of a padding that the card found wrong, as it does not tell of one that the host took
        // off, nor of what else is wrong with a wrapped key.
        var isInvalid = false
        let block = try asking("C_Decrypt", invalid: .encryptedDataInvalid) { () throws(TokenError) -> [UInt8] in
            let outcome = Result { () throws(TokenError) in
                try tokenObject.token.decipher(
                    with: tokenObject.reference, ciphertext: ciphertext, authorization: authorization)
            }
            isInvalid = if case .failure(.dataInvalid) = outcome { true } else { false }
            return isInvalid ? [] : try outcome.get()
        }
        guard !isInvalid else { throw .encryptedDataInvalid }
        return block
    }

    func sharedSecret(_ peer: PublicKey, _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try asking("key agreement", invalid: .publicKeyInvalid) { () throws(TokenError) in
            try tokenObject.token.sharedSecret(
                with: tokenObject.reference, point: peer.octets, authorization: authorization)
        }
    }

    /// Another program may have made a new key, or another card be there: the card is asked.
    func returnCodeOfWrongSignature() -> ReturnCode {
        calls.log.line("C_Sign: the signature does not verify; it is withheld")
        do throws(ReturnCode) {
            let isSame = try calls.asking(tokenObject.slot, tokenObject.token, "C_Sign") { () throws(TokenError) in
                try tokenObject.token.isUnchanged(tokenObject.reference)
            }
            return isSame && tokenObject.isCurrent ? .deviceError : .keyHandleInvalid
        } catch {
            return error == .objectHandleInvalid ? .keyHandleInvalid : error
        }
    }

    /// Has the card compute with its key.
    ///
    /// - Parameter invalid: the code for an input that the card finds wrong.
    private func asking(
        _ what: StaticString, invalid: ReturnCode, _ body: () throws(TokenError) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        do throws(ReturnCode) {
            return try calls.asking(tokenObject.slot, tokenObject.token, what, body)
        } catch {
            switch error {
            case .dataInvalid: throw invalid
            // Another key, or none, is where this one was.
            case .objectHandleInvalid: throw .keyHandleInvalid
            default: throw error
            }
        }
    }
}

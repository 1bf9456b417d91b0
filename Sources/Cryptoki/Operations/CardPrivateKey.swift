import HostCrypto
import Token

/// A private key of the card.
struct CardPrivateKey: UsablePrivateKey {
    let tokenObject: TokenObject
    let calls: TokenCalls
    /// Whether each signature is verified before it leaves, and not only RSA's.
    let verifiesSignatures: Bool

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
        let block = try calls.asking(tokenObject.slot, tokenObject.token, "C_Decrypt") {
            () throws(TokenError) -> [UInt8]? in
            let outcome = Result { () throws(TokenError) in
                try tokenObject.token.decipher(
                    with: tokenObject.reference, ciphertext: ciphertext, authorization: authorization)
            }
            if case .failure(.dataInvalid) = outcome { return nil }
            return try outcome.get()
        }
        guard let block else { throw .encryptedDataInvalid }
        return block
    }

    func sharedSecret(_ peer: PublicKey, _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try asking("key agreement", invalid: .publicKeyInvalid) { () throws(TokenError) in
            try tokenObject.token.sharedSecret(
                with: tokenObject.reference, point: peer.octets, authorization: authorization)
        }
    }

    func noteWrongSignature() { calls.log.line("C_Sign: the signature does not verify; it is withheld") }

    /// Has the card compute with its key.
    ///
    /// - Parameter invalid: the code for an input that the card finds wrong.
    private func asking(
        _ what: StaticString, invalid: ReturnCode, _ body: () throws(TokenError) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        do throws(ReturnCode) {
            return try calls.asking(tokenObject.slot, tokenObject.token, what, body)
        } catch {
            throw error == .dataInvalid ? invalid : error
        }
    }
}

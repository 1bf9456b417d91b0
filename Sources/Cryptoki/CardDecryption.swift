import HostCrypto
import Platform
import Token

/// An RSA ciphertext that the card deciphers (PKCS#11 3.2, section 6.1.6).
struct CardDecryption: WholeMessage {
    let key: KeyUse

    private var modulusSize: Int { key.publicKey.signatureSize }

    var cardHandle: UInt? { key.handle }
    var mostInput: Int { modulusSize }
    var isSecret: Bool { true }
    var isSizeExact: Bool { false }

    /// From the key's size; the plaintext is at most that long.
    func outputSize(for count: Int) -> Int { modulusSize - 11 }

    func check(_ count: Int) throws(ReturnCode) {
        guard count == modulusSize else { throw .encryptedDataLengthRange }
    }

    func run(_ message: RawSpan, _ operation: WholeCipher, _ library: Library) throws(ReturnCode) -> [UInt8] {
        let (object, ciphertext, authorization) = (key.object, [UInt8](message), operation.cardKey?.authorization)
        var block: [UInt8]
        do throws(ReturnCode) {
            block = try library.asking(object.slot, object.token, "C_Decrypt") { () throws(TokenError) in
                try object.token.decipher(
                    with: object.reference, ciphertext: ciphertext, authorization: authorization)
            }
        } catch {
            throw error == .dataInvalid ? .encryptedDataInvalid : error
        }
        if object.token.padsRSA { return block }
        defer { block.wipe() }
        guard block.count == modulusSize else { throw .deviceError }
        do throws(HostCryptoError) {
            return try RSAPadding.pkcs1Message(in: block)
        } catch {
            // One answer for all the ways in which a padding can be wrong.
            throw .encryptedDataInvalid
        }
    }
}

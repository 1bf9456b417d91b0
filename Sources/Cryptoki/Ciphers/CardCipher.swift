import CPKCS11
import HostCrypto
import Platform
import Token

/// CBC with an AES key of the card (PKCS#11 3.2, section 6.10).
struct CardCipher: WholeMessage {
    let object: TokenObject
    let calls: TokenCalls
    let iv: [UInt8]
    let isEncrypting: Bool

    /// The card takes a command for each half kilobyte, so this is as much as one call may take its time for.
    var mostInput: Int { 16_384 }
    var isSecret: Bool { !isEncrypting }
    var isKept: Bool { true }
    var isSizeExact: Bool { true }

    func outputSize(for count: Int) -> Int { count }

    func check(_ count: Int) throws(ReturnCode) {
        guard count % AESStream.blockSize == 0, count <= mostInput else {
            throw CipherScheme.lengthError(isEncrypting: isEncrypting)
        }
    }

    func run(_ message: RawSpan) throws(ReturnCode) -> [UInt8] {
        var blocks = [UInt8](message)
        defer { blocks.wipe() }
        // No blocks are encrypted to none.
        if blocks.isEmpty { return [] }
        return try calls.asking(object.slot, object.token, "AES") { () throws(TokenError) in
            try object.token.cipher(blocks, iv: iv, with: object.reference, isEncrypting: isEncrypting)
        }
    }
}

extension Session {
    /// The operation that C_EncryptInit or C_DecryptInit begins with an AES key of the card; nil where the handle is not one's.
    func cardCipher(
        _ mechanism: Mechanism, _ handle: UInt, isEncrypting: Bool
    ) throws(ReturnCode) -> KeyedOperation<any CipherOperation>? {
        guard case .token(let object)? = calls.object(handle, in: record), object.reference.kind == .secretKey else {
            return nil
        }
        guard MechanismCatalogue.ofSecretKeysOnCard.contains(mechanism.type) else { throw .mechanismInvalid }
        guard case .bytes(let iv) = mechanism.parameter, iv.count == AESStream.blockSize else {
            throw .mechanismParameterInvalid
        }
        let cipher = CardCipher(object: object, calls: calls, iv: iv, isEncrypting: isEncrypting)
        return KeyedOperation(WholeCipher(cipher), with: .cardSecret(hold(handle, of: .token(object))))
    }
}

import HostCrypto
import SoftToken
import Token

/// A private key in this process's memory.
struct MemoryPrivateKey: UsablePrivateKey {
    let sessionObject: SessionObject
    let key: MemoryKey
    let signatureCheck: SignatureCheck
    let log: Log

    var object: StoredObject { .session(sessionObject) }
    var padsRSA: Bool { false }

    func limits(for key: PublicKey) -> SignatureInput.Limits { SignatureInput.Limits(key) }

    func sign(_ block: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in try key.sign(block) }
    }

    func decipher(_ ciphertext: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in try key.decipher(ciphertext) }
    }

    func sharedSecret(_ peer: PublicKey, _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in try key.sharedSecret(peer) }
    }

    func returnCodeOfWrongSignature() -> ReturnCode {
        log.line("C_Sign: the signature does not verify; it is withheld")
        return .deviceError
    }
}

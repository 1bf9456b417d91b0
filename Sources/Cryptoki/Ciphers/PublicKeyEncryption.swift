import HostCrypto
import Platform
import SoftToken

/// An encryption with an RSA key, on the host (PKCS#11 3.2, sections 6.1.6, 6.1.8 and 6.1.9).
struct PublicKeyEncryption: WholeMessage {
    private let encryption: RSAEncryption
    private let key: PublicKey
    let mostInput: Int

    /// - Throws: CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE.
    init(_ encryption: RSAEncryption, _ key: PublicKey) throws(ReturnCode) {
        guard case .rsa(let modulus, _) = key else { throw .keyTypeInconsistent }
        mostInput = try ReturnCode.translating { () throws(SoftTokenError) in
            try encryption.mostData(modulusSize: modulus.count)
        }
        self.encryption = encryption
        self.key = key
    }

    var isSecret: Bool { false }
    var isSizeExact: Bool { true }

    func outputSize(for count: Int) -> Int { key.signatureSize }

    func check(_ count: Int) throws(ReturnCode) {
        guard count <= mostInput else { throw .dataLengthRange }
    }

    func run(_ message: RawSpan) throws(ReturnCode) -> [UInt8] {
        let (encryption, key) = (encryption, key)
        var plaintext = [UInt8](message)
        defer { plaintext.wipe() }
        return try ReturnCode.translating { () throws(SoftTokenError) in try encryption.encrypt(plaintext, with: key) }
    }
}

import HostCrypto
import Platform
import SoftToken

/// A series of messages under one key in Galois/counter mode, to be encrypted or to be decrypted (PKCS#11 3.2, sections
/// 5.9 and 5.11).
final class MessageCipher {
    let key: SecretKeyUse
    private let counters: MessageCounters
    /// The message that comes in parts, while there is one.
    private var current: Current?

    private enum Current {
        case encrypting(SealingCipher)
        /// The parts are gathered: no plaintext comes out before the tag has been found right.
        case decrypting(iv: [UInt8], authenticating: [UInt8], ciphertext: [UInt8])
    }

    init(_ key: SecretKeyUse, _ counters: MessageCounters) {
        self.key = key
        self.counters = counters
    }

    /// Throws CKR_OPERATION_ACTIVE in the middle of a message.
    func checkIdle() throws(ReturnCode) {
        guard current == nil else { throw .operationActive }
    }

    /// Lets go of the message that comes in parts, where there is one.
    func abandonMessage() { current = nil }

    /// Encrypts a message at once.
    func encrypt(
        _ parameters: MessageParameters, _ data: [UInt8], _ plaintext: RawSpan, _ capacity: Int?
    ) throws(ReturnCode) -> (Output, MessageResult?) {
        try checkIdle()
        try check(parameters.gcm(parameters.iv, data))
        if let early = Output.early(size: plaintext.byteCount, capacity: capacity) { return (early, nil) }
        let iv = try parameters.vector(for: key.secret, counters)
        return try ReturnCode.translating { () throws(SoftTokenError) in
            let cipher = try SealingCipher(parameters.gcm(iv, data), key.secret)
            let output = Output.bytes(try cipher.part(plaintext))
            return (output, MessageResult(iv: iv, tag: try cipher.end()))
        }
    }

    /// Begins an encryption in parts.
    ///
    /// - Returns: the vector.
    func beginEncryption(_ parameters: MessageParameters, _ data: [UInt8]) throws(ReturnCode) -> [UInt8] {
        try checkIdle()
        try check(parameters.gcm(parameters.iv, data))
        let iv = try parameters.vector(for: key.secret, counters)
        current = .encrypting(
            try ReturnCode.translating { () throws(SoftTokenError) in
                try SealingCipher(parameters.gcm(iv, data), key.secret)
            })
        return iv
    }

    /// Encrypts a part.
    ///
    /// - Returns: the ciphertext, and with the last part the tag.
    func encryptPart(_ part: RawSpan, _ capacity: Int?, isLast: Bool) throws(ReturnCode) -> (Output, [UInt8]?) {
        guard case .encrypting(let cipher)? = current else { throw .operationNotInitialized }
        if let early = Output.early(size: part.byteCount, capacity: capacity) { return (early, nil) }
        current = nil
        let (ciphertext, tag) = try ReturnCode.translating { () throws(SoftTokenError) in
            (try cipher.part(part), isLast ? try cipher.end() : nil)
        }
        if !isLast { current = .encrypting(cipher) }
        return (.bytes(ciphertext), tag)
    }

    /// Decrypts a message at once.
    func decrypt(
        _ parameters: MessageParameters, _ data: [UInt8], _ ciphertext: RawSpan, _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        try checkIdle()
        try check(parameters.gcm(parameters.iv, data))
        if let early = Output.early(size: ciphertext.byteCount, capacity: capacity) { return early }
        return .plaintext(try open(ciphertext, parameters.iv, data, parameters.tag))
    }

    /// Begins a decryption in parts.
    func beginDecryption(_ parameters: MessageParameters, _ data: [UInt8]) throws(ReturnCode) {
        try checkIdle()
        try check(parameters.gcm(parameters.iv, data))
        current = .decrypting(iv: parameters.iv, authenticating: data, ciphertext: [])
    }

    /// Takes in a part; with the last one comes the whole plaintext.
    func decryptPart(
        _ part: RawSpan, _ parameters: MessageParameters, _ capacity: Int?, isLast: Bool
    ) throws(ReturnCode) -> Output {
        guard case .decrypting(let iv, let data, var ciphertext)? = current else { throw .operationNotInitialized }
        let before = current
        current = nil
        guard part.byteCount <= SymmetricCipher.mostBuffered - ciphertext.count else { throw .encryptedDataLengthRange }
        let size = isLast ? ciphertext.count + part.byteCount : 0
        if let early = Output.early(size: size, capacity: capacity) {
            current = before
            return early
        }
        ciphertext.append(contentsOf: part)
        guard isLast else {
            current = .decrypting(iv: iv, authenticating: data, ciphertext: ciphertext)
            return .bytes([])
        }
        try check(parameters.gcm(iv, data))
        return .plaintext(try open(ciphertext.span.bytes, iv, data, parameters.tag))
    }

    private func check(_ parameters: GCMParameters) throws(ReturnCode) {
        try ReturnCode.translating { () throws(SoftTokenError) in try parameters.check() }
    }

    private func open(
        _ ciphertext: RawSpan, _ iv: [UInt8], _ data: [UInt8], _ tag: [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.naming(.aeadDecryptFailed) { () throws(HostCryptoError) in
            try key.secret.withBytes { (bytes) throws(HostCryptoError) in
                try AESGCM.open(ciphertext, tag: tag, key: bytes, iv: iv, authenticating: data)
            }
        }
    }
}

/// What an encryption puts into the parameters of its message.
public struct MessageResult: Sendable {
    /// For pIv.
    public let iv: [UInt8]
    /// For pTag.
    public let tag: [UInt8]
}

extension MessageParameters {
    fileprivate func gcm(_ iv: [UInt8], _ data: [UInt8]) -> GCMParameters {
        GCMParameters(iv: iv, authenticating: data, tagBits: tagBits)
    }
}

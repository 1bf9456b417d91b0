import HostCrypto
import Platform

/// A decryption in Galois/counter mode, with the tag after the ciphertext.
struct GCMOpening: WholeTransform {
    let parameters: GCMParameters
    let key: StoredSecret

    var tagSize: Int { parameters.tagBits / 8 }
    var mostInput: Int { .max }
    var isSecret: Bool { true }
    var isSizeExact: Bool { true }

    func outputSize(for count: Int) -> Int { max(0, count - tagSize) }

    func check(_ count: Int) throws(SoftTokenError) {
        guard count >= tagSize else { throw .ciphertextLength }
    }

    func run(_ message: RawSpan) throws(SoftTokenError) -> [UInt8] {
        let (ciphertext, tag) = (message.extracting(droppingLast: tagSize), [UInt8](message.extracting(last: tagSize)))
        return try SoftTokenError.opening { () throws(HostCryptoError) in
            try key.withBytes { (bytes) throws(HostCryptoError) in
                try AESGCM.open(
                    ciphertext, tag: tag, key: bytes, iv: parameters.iv, authenticating: parameters.data)
            }
        }
    }
}

/// Counter mode with CBC-MAC, with the tag after the ciphertext. The parameter says how long the plaintext is.
struct CCMMessage: WholeTransform {
    let parameters: CCMParameters
    let key: StoredSecret
    let isEncrypting: Bool

    var mostInput: Int { parameters.dataCount + (isEncrypting ? 0 : parameters.tagSize) }
    var isSecret: Bool { !isEncrypting }
    var isSizeExact: Bool { true }

    func outputSize(for count: Int) -> Int { parameters.dataCount + (isEncrypting ? parameters.tagSize : 0) }

    func check(_ count: Int) throws(SoftTokenError) {
        guard count == mostInput else { throw .length(isEncrypting: isEncrypting) }
    }

    func run(_ message: RawSpan) throws(SoftTokenError) -> [UInt8] {
        let tagSize = parameters.tagSize
        let ciphertext = message.extracting(droppingLast: isEncrypting ? 0 : tagSize)
        let tag = [UInt8](message.extracting(last: tagSize))
        return try SoftTokenError.opening { () throws(HostCryptoError) in
            try key.withBytes { (bytes) throws(HostCryptoError) in
                guard isEncrypting else {
                    return try AESCCM.open(
                        ciphertext, tag: tag, key: bytes, nonce: parameters.nonce, authenticating: parameters.data)
                }
                return try AESCCM.seal(
                    message, tagSize: tagSize, key: bytes, nonce: parameters.nonce, authenticating: parameters.data)
            }
        }
    }
}

/// AES key wrapping of RFC 3394 or RFC 5649.
struct KeyWrapMessage: WholeTransform {
    let wrap: AESKeyWrap
    let key: StoredSecret
    let isEncrypting: Bool

    var mostInput: Int { AESKeyWrap.mostData + AESKeyWrap.unit }
    var isSecret: Bool { !isEncrypting }
    var isSizeExact: Bool {
        if case .padded = wrap { return isEncrypting }
        return true
    }

    func outputSize(for count: Int) -> Int {
        isEncrypting ? wrap.wrappedSize(of: count) ?? 0 : max(0, count - AESKeyWrap.unit)
    }

    func check(_ count: Int) throws(SoftTokenError) {
        guard isEncrypting ? wrap.wrappedSize(of: count) != nil : wrap.canUnwrap(count) else {
            throw .length(isEncrypting: isEncrypting)
        }
    }

    func run(_ message: RawSpan) throws(SoftTokenError) -> [UInt8] {
        try SoftTokenError.opening { () throws(HostCryptoError) in
            try key.withBytes { (bytes) throws(HostCryptoError) in
                try isEncrypting ? wrap.wrap(message, key: bytes) : wrap.unwrap(message, key: bytes)
            }
        }
    }
}

/// AES key wrapping of RFC 3394 over data that PKCS #7 fills up to half blocks.
struct PaddedKeyWrapMessage: WholeTransform {
    private let inner: KeyWrapMessage

    init(initialValue: [UInt8]?, key: StoredSecret, isEncrypting: Bool) {
        inner = KeyWrapMessage(wrap: .plain(initialValue: initialValue), key: key, isEncrypting: isEncrypting)
    }

    var mostInput: Int { inner.mostInput }
    var isSecret: Bool { inner.isSecret }
    var isSizeExact: Bool { inner.isEncrypting }

    func outputSize(for count: Int) -> Int {
        inner.isEncrypting ? inner.outputSize(for: padded(count)) : max(0, count - AESKeyWrap.unit - 1)
    }

    func check(_ count: Int) throws(SoftTokenError) { try inner.check(inner.isEncrypting ? padded(count) : count) }

    func run(_ message: RawSpan) throws(SoftTokenError) -> [UInt8] {
        guard inner.isEncrypting else {
            var bytes = try inner.run(message)
            let count = Int(bytes.last ?? 0)
            guard (1...AESKeyWrap.unit).contains(count), bytes.suffix(count).allSatisfy({ $0 == count }) else {
                bytes.wipe()
                throw .ciphertextInvalid
            }
            bytes.truncate(to: bytes.count - count)
            return bytes
        }
        let missing = padded(message.byteCount) - message.byteCount
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.byteCount + missing)
        defer { bytes.wipe() }
        bytes.append(contentsOf: message)
        bytes.append(contentsOf: repeatElement(UInt8(truncatingIfNeeded: missing), count: missing))
        return try inner.run(bytes.span.bytes)
    }

    /// The next multiple of half a block that is more.
    private func padded(_ count: Int) -> Int {
        guard count <= AESKeyWrap.mostData else { return count }
        return (count / AESKeyWrap.unit + 1) * AESKeyWrap.unit
    }
}

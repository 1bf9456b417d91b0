import HostCrypto

/// How data are encrypted with an AES key (PKCS#11 3.2, sections 6.10 to 6.16), with all parameters.
public enum SymmetricCipher: Hashable, Sendable {
    /// Modes that give out what they can of every part. Cipher block chaining may be filled up by PKCS #7.
    case ecb
    case cbc(iv: [UInt8], isPadded: Bool)
    case ctr(CounterParameters)
    case ofb(iv: [UInt8])
    case cfb8(iv: [UInt8])
    case cfb128(iv: [UInt8])
    /// Modes with a tag.
    case gcm(GCMParameters)
    case ccm(CCMParameters)
    /// Key wrapping of RFC 3394 and RFC 5649, and the former after a filling up by PKCS #7. Nil stands for the initial value
    /// of the RFC.
    case keyWrap(initialValue: [UInt8]?)
    case keyWrapPadded(initialValue: [UInt8]?)
    case keyWrapPKCS7(initialValue: [UInt8]?)

    /// What is gathered at most of a message that is needed as a whole. A plaintext is not given out before its tag has been
    /// found right, so a message that is decrypted in parts must fit in here; one that is there at once may be longer.
    public static let mostBuffered = 64 << 20

    /// What encrypts or decrypts.
    public enum Transform {
        /// Each part gives a part of the result.
        case stream(any StreamTransform)
        /// The result comes at the end.
        case whole(any WholeTransform)
    }

    /// An encryption or decryption with a key. `parameterInvalid` for parameters of the wrong size.
    public func transform(_ key: StoredSecret, isEncrypting: Bool) throws(SoftTokenError) -> Transform {
        switch self {
        case .ecb: return try stream(.ecb, key, isEncrypting)
        case .cbc(let iv, let isPadded): return try stream(.cbc(iv: iv), key, isEncrypting, isPadded: isPadded)
        case .ofb(let iv): return try stream(.ofb(iv: iv), key, isEncrypting)
        case .cfb8(let iv): return try stream(.cfb8(iv: iv), key, isEncrypting)
        case .cfb128(let iv): return try stream(.cfb128(iv: iv), key, isEncrypting)
        case .ctr(let counter):
            guard (1...128).contains(counter.bits) else { throw .parameterInvalid }
            return try stream(.ctr(counter: counter.block), key, isEncrypting, mostData: counter.mostData)
        case .gcm(let parameters):
            if isEncrypting { return .stream(try SealingCipher(parameters, key)) }
            try parameters.check()
            return .whole(GCMOpening(parameters: parameters, key: key))
        case .ccm(let parameters):
            try parameters.check()
            return .whole(CCMMessage(parameters: parameters, key: key, isEncrypting: isEncrypting))
        case .keyWrap(let value):
            guard value?.count ?? 8 == 8 else { throw .parameterInvalid }
            return .whole(KeyWrapMessage(wrap: .plain(initialValue: value), key: key, isEncrypting: isEncrypting))
        case .keyWrapPadded(let value):
            guard value?.count ?? 4 == 4 else { throw .parameterInvalid }
            return .whole(KeyWrapMessage(wrap: .padded(initialValue: value), key: key, isEncrypting: isEncrypting))
        case .keyWrapPKCS7(let value):
            guard value?.count ?? 8 == 8 else { throw .parameterInvalid }
            return .whole(PaddedKeyWrapMessage(initialValue: value, key: key, isEncrypting: isEncrypting))
        }
    }

    private func stream(
        _ mode: AESMode, _ key: StoredSecret, _ isEncrypting: Bool, isPadded: Bool = false, mostData: UInt64? = nil
    ) throws(SoftTokenError) -> Transform {
        switch mode {
        case .cbc(let vector), .ctr(let vector), .ofb(let vector), .cfb8(let vector), .cfb128(let vector):
            guard vector.count == AESStream.blockSize else { throw .parameterInvalid }
        case .ecb: break
        }
        guard isPadded, !isEncrypting else {
            return .stream(
                try StreamedCipher(mode, key, isEncrypting: isEncrypting, pads: isPadded, mostData: mostData))
        }
        return .stream(UnpaddingCipher(mode, key))
    }
}

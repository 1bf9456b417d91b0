import CPKCS11
import HostCrypto

/// How a mechanism encrypts with a secret key (PKCS#11 3.2, sections 6.10 to 6.16).
enum CipherScheme {
    case ecb, cbc, cbcPadded, ctr, ofb, cfb8, cfb128, gcm, ccm, keyWrap, keyWrapPadded, keyWrapPKCS7

    /// The code for data of a length that the mechanism does not take.
    static func lengthError(isEncrypting: Bool) -> ReturnCode {
        isEncrypting ? .dataLengthRange : .encryptedDataLengthRange
    }

    /// An encryption or decryption of this kind.
    func operation(
        _ parameter: Mechanism.Parameter, _ key: SecretKeyUse, isEncrypting: Bool
    ) throws(ReturnCode) -> any CipherOperation {
        switch (self, parameter) {
        case (.ecb, .none): return try stream(.ecb, key, isEncrypting)
        case (.cbc, .bytes(let iv)): return try stream(.cbc(iv: iv), key, isEncrypting)
        case (.cbcPadded, .bytes(let iv)): return try stream(.cbc(iv: iv), key, isEncrypting, isPadded: true)
        case (.ofb, .bytes(let iv)): return try stream(.ofb(iv: iv), key, isEncrypting)
        case (.cfb8, .bytes(let iv)): return try stream(.cfb8(iv: iv), key, isEncrypting)
        case (.cfb128, .bytes(let iv)): return try stream(.cfb128(iv: iv), key, isEncrypting)
        case (.ctr, .counter(let counter)):
            guard (1...128).contains(counter.bits) else { throw .mechanismParameterInvalid }
            return try stream(.ctr(counter: counter.block), key, isEncrypting, mostData: counter.mostData)
        case (.gcm, .gcm(let parameters)) where isEncrypting:
            try parameters.check()
            return try SealingCipher(parameters, key)
        case (.ccm, .ccm(let parameters)): try parameters.check()
        case (.gcm, .gcm(let parameters)): try parameters.check()
        case (.keyWrap, .none), (.keyWrapPadded, .none), (.keyWrapPKCS7, .none): break
        case (.keyWrap, .bytes(let value)), (.keyWrapPKCS7, .bytes(let value)):
            guard value.count == 8 else { throw .mechanismParameterInvalid }
        case (.keyWrapPadded, .bytes(let value)):
            guard value.count == 4 else { throw .mechanismParameterInvalid }
        default: throw .mechanismParameterInvalid
        }
        guard let transform = wholeMessage(parameter, key, isEncrypting) else { throw .mechanismParameterInvalid }
        return WholeCipher(transform, key)
    }

    private func stream(
        _ mode: AESMode, _ key: SecretKeyUse, _ isEncrypting: Bool, isPadded: Bool = false, mostData: UInt64? = nil
    ) throws(ReturnCode) -> any CipherOperation {
        switch mode {
        case .cbc(let vector), .ctr(let vector), .ofb(let vector), .cfb8(let vector), .cfb128(let vector):
            guard vector.count == AESStream.blockSize else { throw .mechanismParameterInvalid }
        case .ecb: break
        }
        guard isPadded, !isEncrypting else {
            return try StreamedCipher(mode, key, isEncrypting: isEncrypting, pads: isPadded, mostData: mostData)
        }
        return UnpaddingCipher(mode, key)
    }

    private func wholeMessage(
        _ parameter: Mechanism.Parameter, _ key: SecretKeyUse, _ isEncrypting: Bool
    ) -> (any WholeMessage)? {
        let initialValue: [UInt8]? = if case .bytes(let value) = parameter { value } else { nil }
        switch (self, parameter) {
        case (.gcm, .gcm(let parameters)): return GCMOpening(parameters: parameters, key: key)
        case (.ccm, .ccm(let parameters)):
            return CCMMessage(parameters: parameters, key: key, isEncrypting: isEncrypting)
        case (.keyWrap, _):
            return KeyWrapMessage(wrap: .plain(initialValue: initialValue), key: key, isEncrypting: isEncrypting)
        case (.keyWrapPadded, _):
            return KeyWrapMessage(wrap: .padded(initialValue: initialValue), key: key, isEncrypting: isEncrypting)
        case (.keyWrapPKCS7, _):
            return PaddedKeyWrapMessage(initialValue: initialValue, key: key, isEncrypting: isEncrypting)
        default: return nil
        }
    }
}

extension CounterParameters {
    /// How many bytes there are counters for; nil for more than anybody has (PKCS#11 3.2, section 6.11.3).
    var mostData: UInt64? {
        // The counter's highest bits beyond 60 being other than all ones, 2^60 blocks are far away.
        var rest: UInt64 = 0
        for position in 0..<min(bits, 128) {
            let byte = block.count - 1 - position / 8
            guard block.indices.contains(byte) else { return nil }
            let bit = block[byte] >> UInt8(position % 8) & 1
            // Counters left after this one, less one: the complement.
            guard bit == 0 else { continue }
            guard position < 58 else { return nil }
            rest |= 1 << UInt64(position)
        }
        return (rest + 1) * UInt64(AESStream.blockSize)
    }
}

extension GCMParameters {
    func check() throws(ReturnCode) {
        guard AESGCM.vectorSizes.contains(iv.count), tagBits % 8 == 0, AESGCM.tagSizes.contains(tagBits / 8) else {
            throw .mechanismParameterInvalid
        }
    }
}

extension CCMParameters {
    func check() throws(ReturnCode) {
        guard AESCCM.nonceSizes.contains(nonce.count), AESCCM.tagSizes.contains(tagSize),
            dataCount <= min(AESCCM.mostData(nonceSize: nonce.count), WholeCipher.mostBuffered)
        else { throw .mechanismParameterInvalid }
    }
}

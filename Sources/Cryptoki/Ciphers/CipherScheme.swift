import CPKCS11
import SoftToken

/// How a mechanism encrypts with a secret key (PKCS#11 3.2, sections 6.10 to 6.16).
enum CipherScheme {
    case ecb, cbc, cbcPadded, ctr, ofb, cfb8, cfb128, gcm, ccm, keyWrap, keyWrapPadded, keyWrapPKCS7

    /// The code for data of a length that the mechanism does not take.
    static func lengthError(isEncrypting: Bool) -> ReturnCode {
        isEncrypting ? .dataLengthRange : .encryptedDataLengthRange
    }

    /// An encryption or decryption of this kind.
    func operation(
        _ parameter: Mechanism.Parameter, _ key: StoredSecret, isEncrypting: Bool
    ) throws(ReturnCode) -> any CipherOperation {
        let cipher = try cipher(parameter)
        let transform = try ReturnCode.translating { () throws(SoftTokenError) in
            try cipher.transform(key, isEncrypting: isEncrypting)
        }
        switch transform {
        case .stream(let stream): return StreamCipher(stream)
        case .whole(let message): return WholeCipher(SoftMessage(message))
        }
    }

    private func cipher(_ parameter: Mechanism.Parameter) throws(ReturnCode) -> SymmetricCipher {
        switch (self, parameter) {
        case (.ecb, .none): .ecb
        case (.cbc, .bytes(let iv)): .cbc(iv: iv, isPadded: false)
        case (.cbcPadded, .bytes(let iv)): .cbc(iv: iv, isPadded: true)
        case (.ofb, .bytes(let iv)): .ofb(iv: iv)
        case (.cfb8, .bytes(let iv)): .cfb8(iv: iv)
        case (.cfb128, .bytes(let iv)): .cfb128(iv: iv)
        case (.ctr, .counter(let parameters)): .ctr(parameters)
        case (.gcm, .gcm(let parameters)): .gcm(parameters)
        case (.ccm, .ccm(let parameters)): .ccm(parameters)
        case (.keyWrap, .none): .keyWrap(initialValue: nil)
        case (.keyWrap, .bytes(let value)): .keyWrap(initialValue: value)
        case (.keyWrapPadded, .none): .keyWrapPadded(initialValue: nil)
        case (.keyWrapPadded, .bytes(let value)): .keyWrapPadded(initialValue: value)
        case (.keyWrapPKCS7, .none): .keyWrapPKCS7(initialValue: nil)
        case (.keyWrapPKCS7, .bytes(let value)): .keyWrapPKCS7(initialValue: value)
        default: throw .mechanismParameterInvalid
        }
    }
}

/// A message for a key in memory.
private struct SoftMessage: WholeMessage {
    private let transform: any WholeTransform

    init(_ transform: any WholeTransform) { self.transform = transform }

    var mostInput: Int { transform.mostInput }
    var isSecret: Bool { transform.isSecret }
    var isSizeExact: Bool { transform.isSizeExact }

    func outputSize(for count: Int) -> Int { transform.outputSize(for: count) }

    func check(_ count: Int) throws(ReturnCode) {
        try ReturnCode.translating { () throws(SoftTokenError) in try transform.check(count) }
    }

    func run(_ message: RawSpan) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in try transform.run(message) }
    }
}

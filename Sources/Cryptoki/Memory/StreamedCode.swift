import HostCrypto

/// How a mechanism authenticates messages with a secret key (PKCS#11 3.2, sections 6.14 and 6.20 to 6.31).
struct CodeScheme {
    let function: MACContext.Function
    /// Whether the parameter says how long the code is (CK_MAC_GENERAL_PARAMS).
    let isGeneral: Bool

    var demand: SecretKeyDemand {
        switch function {
        case .hmac(let digest): .hmac(digest)
        case .aesCMAC: .aes
        }
    }

    /// How many bytes of the code are taken.
    func size(_ parameter: Mechanism.Parameter) throws(ReturnCode) -> Int {
        switch parameter {
        case .none where !isGeneral: return function.size
        case .number(let number) where isGeneral:
            guard let size = Int(exactly: number), (1...function.size).contains(size) else {
                throw .mechanismParameterInvalid
            }
            return size
        default: throw .mechanismParameterInvalid
        }
    }
}

/// A message authentication code in the making or in the check.
final class StreamedCode: SigningOperation, VerificationOperation {
    let signatureSize: Int
    let secretKey: SecretKeyUse?
    var privateKey: KeyUse?
    var isMultiPart = false
    private var context: MACContext?

    init(_ scheme: CodeScheme, _ parameter: Mechanism.Parameter, _ key: SecretKeyUse) throws(ReturnCode) {
        signatureSize = try scheme.size(parameter)
        secretKey = key
        context = try key.secret.using { (bytes) throws(HostCryptoError) in
            try MACContext(scheme.function, key: bytes)
        }
    }

    func update(_ part: RawSpan) throws(ReturnCode) {
        do throws(HostCryptoError) {
            try context?.update(part)
        } catch {
            throw ReturnCode(error)
        }
    }

    func finish(_ library: Library, _ session: Session) throws(ReturnCode) -> [UInt8] { try code() }

    func check(_ signature: RawSpan) throws(ReturnCode) {
        guard signature.byteCount == signatureSize else { throw .signatureLengthRange }
        let expected = try code()
        guard ConstantTime.equal(expected.span.bytes, signature) else { throw .signatureInvalid }
    }

    private func code() throws(ReturnCode) -> [UInt8] {
        guard let context = context.take() else { throw .operationNotInitialized }
        do throws(HostCryptoError) {
            return Array(try context.finish().prefix(signatureSize))
        } catch {
            throw ReturnCode(error)
        }
    }
}

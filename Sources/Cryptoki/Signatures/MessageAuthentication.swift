import HostCrypto
import SoftToken

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
final class MessageAuthentication: SigningOperation, VerificationOperation {
    private let code: MessageCode

    init(_ scheme: CodeScheme, _ parameter: Mechanism.Parameter, _ key: StoredSecret) throws(ReturnCode) {
        let size = try scheme.size(parameter)
        code = try ReturnCode.translating { () throws(SoftTokenError) in
            try MessageCode(scheme.function, size: size, key)
        }
    }

    var signatureSize: Int { code.size }

    func update(_ part: RawSpan) throws(ReturnCode) {
        try ReturnCode.translating { () throws(SoftTokenError) in try code.update(part) }
    }

    func finish() throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in try code.finish() }
    }

    func check(_ signature: RawSpan) throws(ReturnCode) {
        try ReturnCode.translating { () throws(SoftTokenError) in try code.check(signature) }
    }
}

import CPKCS11
import HostCrypto
import Platform
import SoftToken

/// C_WrapKey with the public key of an elliptic curve, on the host, and C_UnwrapKey with such a private key.
extension Session {
    func wrapByAgreement(
        _ mechanism: Mechanism, _ wrappingKey: UInt, _ key: UInt, _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        let wrapping = try Self.agreementWrapping(mechanism.parameter)
        let publicKey = try publicKey(wrappingKey, for: CKA_WRAP, mechanism.type, .wrapping, where: \.isEC)
        guard case .ec(let curve, _) = publicKey else { throw .wrappingKeyTypeInconsistent }
        let secret = try wrappableSecret(key, byPublicKey: wrappingKey, between: wrapping.aesKeySize)
        let size = try ReturnCode.wrapping { () throws(SoftTokenError) in
            try wrapping.wrappedSize(of: secret.count, on: curve)
        }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return .bytes(
            try ReturnCode.wrapping { () throws(SoftTokenError) in try wrapping.wrap(secret, with: publicKey) })
    }

    func unwrapByAgreement(
        _ mechanism: Mechanism, _ unwrappingKey: UInt, _ wrapped: RawSpan, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        let wrapping = try Self.agreementWrapping(mechanism.parameter)
        let key = try privateKey(
            unwrappingKey, for: .derive, CKA_UNWRAP, mechanism.type, .unwrapping, where: \.isEC)
        guard case .ec(let curve, _) = key.publicKey else { throw .unwrappingKeyTypeInconsistent }
        let (template, type) = try privateKeyUnwrapTemplate(attributes)
        let (point, rest) = try ReturnCode.wrapping { () throws(SoftTokenError) in
            try wrapping.parts(of: wrapped, on: curve)
        }
        guard let peer = try? key.publicKey.peer(at: point) else { throw .wrappedKeyInvalid }
        var shared: [UInt8]
        do throws(ReturnCode) {
            shared = try sharedSecret(key, peer)
        } catch {
            throw error == .publicKeyInvalid ? .wrappedKeyInvalid : error
        }
        var value = try ReturnCode.wrapping { () throws(SoftTokenError) in
            try wrapping.unwrap(rest, shared: &shared)
        }
        return try addUnwrapped(&value, template, type)
    }

    /// The mechanism with its parameter, or CKR_MECHANISM_PARAM_INVALID.
    private static func agreementWrapping(_ parameter: Mechanism.Parameter) throws(ReturnCode) -> AgreementWrapping {
        guard case .agreementKeyWrap(let bits, let function, let sharedData) = parameter else {
            throw .mechanismParameterInvalid
        }
        let derivation = try AgreementDerivation(function, sharedData: sharedData)
        return try ReturnCode.translating { () throws(SoftTokenError) in
            try AgreementWrapping(aesKeyBits: bits, derivation)
        }
    }
}

import CPKCS11
import HostCrypto
import Platform

/// C_WrapKey with the public key of an elliptic curve, on the host, and C_UnwrapKey with such a private key.
extension Library {
    func wrapByAgreement(
        _ mechanism: Mechanism, _ wrappingKey: UInt, _ key: UInt, _ capacity: Int?, _ session: Session
    ) throws(ReturnCode) -> Output {
        let wrapping = try AgreementWrapping(mechanism.parameter)
        let publicKey = try publicKey(wrappingKey, in: session, for: CKA_WRAP, mechanism.type, .wrapping, where: \.isEC)
        guard case .ec(let curve, _) = publicKey else { throw .wrappingKeyTypeInconsistent }
        let secret = try wrappableSecret(key, byPublicKey: wrappingKey, in: session)
        let size = try wrapping.wrappedSize(of: secret.count, on: curve)
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return .bytes(try wrapping.wrap(secret, with: publicKey))
    }

    func unwrapByAgreement(
        _ mechanism: Mechanism, _ unwrappingKey: UInt, _ wrapped: RawSpan, _ attributes: [Attribute], _ session: Session
    ) throws(ReturnCode) -> UInt {
        let wrapping = try AgreementWrapping(mechanism.parameter)
        let key = try privateKey(
            unwrappingKey, in: session, for: .derive, CKA_UNWRAP, mechanism.type, .unwrapping, where: \.isEC)
        guard case .ec(let curve, _) = key.publicKey else { throw .unwrappingKeyTypeInconsistent }
        let (template, type) = try unwrapTemplate(attributes, withPrivateKeyIn: session)
        let (point, rest) = try wrapping.parts(of: wrapped, on: curve)
        guard let peer = try? key.publicKey.peer(at: point) else { throw .wrappedKeyInvalid }
        var shared: [UInt8]
        do throws(ReturnCode) {
            shared = try sharedSecret(key, peer, in: session)
        } catch {
            throw error == .publicKeyInvalid ? .wrappedKeyInvalid : error
        }
        var value = try wrapping.unwrap(rest, shared: &shared)
        return try addUnwrapped(&value, template, type, in: session)
    }
}

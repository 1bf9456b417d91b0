import APDU
import HostCrypto
import Keys

/// GENERAL AUTHENTICATE (SP 800-73-5 part 2, section 3.2.4).
extension PIVApplication {
    /// Uses a key: signs, decrypts, agrees on a secret, or proves the management key.
    func generalAuthenticate(
        _ reference: KeyReference, _ algorithm: UInt8, _ template: AuthenticationTemplate
    ) throws(Refusal) -> [UInt8] {
        if reference == .management { return try authenticateManagementKey(algorithm, template) }
        security.pending = nil
        guard reference.isStandardKeyPair else { throw Refusal(.incorrectParameters) }
        guard let key = state.keys[reference], key.algorithm.rawValue == algorithm else {
            throw Refusal(profile.isYubiKey ? .incorrectData : .incorrectParameters)
        }
        // The empty response 82 asks for the answer.
        guard template.response?.isEmpty == true, template.witness == nil else { throw Refusal(.incorrectData) }
        let operation = try template.operation(key.algorithm, key.key)
        try requirePIN(key.pinPolicy)
        try finger.require(key.touchPolicy)
        return AuthenticationTemplate.answer(0x82, try operation())
    }

    private func requirePIN(_ policy: PINPolicy) throws(Refusal) {
        switch policy {
        case .never: return
        case .once:
            guard isPINVerified else { throw Refusal(.securityStatusNotSatisfied) }
        case .always:
            guard isPINVerified, security.hasFreshPIN else { throw Refusal(.securityStatusNotSatisfied) }
            security.hasFreshPIN = false
        }
    }
}

/// A key at work.
extension AuthenticationTemplate {
    /// What is to be computed, after the lengths were checked.
    func operation(
        _ algorithm: KeyAlgorithm, _ pair: PrivateKey
    ) throws(Refusal) -> () throws(Refusal) -> [UInt8] {
        switch (algorithm, challenge, exponentiation) {
        case (.rsa1024, .some(let input), nil), (.rsa2048, .some(let input), nil),
            (.rsa3072, .some(let input), nil), (.rsa4096, .some(let input), nil):
            guard input.count == algorithm.size else { throw Refusal(.incorrectData) }
            return { () throws(Refusal) in
                try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in
                    try pair.rsaPrivateOperation(input)
                }
            }
        case (.p256, .some(let hash), nil), (.p384, .some(let hash), nil):
            guard (1...algorithm.size).contains(hash.count) else { throw Refusal(.incorrectData) }
            return { () throws(Refusal) in
                try computing { () throws(HostCryptoError) in try pair.signECDSA(hash: hash) }
            }
        case (.ed25519, .some(let message), nil):
            return { () throws(Refusal) in
                try computing { () throws(HostCryptoError) in try pair.signEdDSA(message) }
            }
        case (.p256, nil, .some(let point)), (.p384, nil, .some(let point)):
            let curve = algorithm == .p256 ? Curve.p256 : Curve.p384
            guard point.count == curve.pointSize, point.first == 0x04 else { throw Refusal(.incorrectData) }
            return { () throws(Refusal) in try Self.agree(pair, .ec(curve, point: point)) }
        case (.x25519, nil, .some(let point)):
            guard point.count == algorithm.size else { throw Refusal(.incorrectData) }
            return { () throws(Refusal) in try Self.agree(pair, .montgomery(.x25519, point)) }
        default:
            throw Refusal(.incorrectData)
        }
    }

    private static func agree(_ key: PrivateKey, _ peer: PublicKey) throws(Refusal) -> [UInt8] {
        try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in try key.sharedSecret(with: peer) }
    }
}

import APDU
import HostCrypto

/// Key pairs: made, imported, moved, removed, described.
extension PIVApplication {
    /// GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, section 3.3.2): the public key in 7F49.
    func generateKeyPair(_ reference: KeyReference, _ request: KeyRequest) throws(Refusal) -> [UInt8] {
        try requireAdministrator()
        guard isKeyPlace(reference) else { throw Refusal(.incorrectParameters) }
        guard request.algorithm.exists(on: profile) else { throw Refusal(.incorrectData) }
        let key = try computing { () throws(HostCryptoError) in
            try PrivateKey.generate(request.algorithm.keyType)
        }
        try store(key, request, .generated, at: reference)
        return BER.object(0x7F49, Self.publicKeyObjects(key.publicKey))
    }

    /// IMPORT ASYMMETRIC KEY (Yubico, FE).
    func importKey(
        _ reference: KeyReference, _ request: KeyRequest, _ elements: [UInt32: [UInt8]]
    ) throws(Refusal) {
        try requireAdministrator()
        guard isKeyPlace(reference) else { throw Refusal(.incorrectParameters) }
        guard request.algorithm.exists(on: profile) else { throw Refusal(.incorrectData) }
        let key = try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in
            try Self.key(request.algorithm, elements)
        }
        guard key.type == request.algorithm.keyType else { throw Refusal(.incorrectData) }
        try store(key, request, .imported, at: reference)
    }

    /// MOVE KEY (Yubico, F6; firmware 5.7): to a place that is empty. The certificate stays where it is.
    func moveKey(from: KeyReference, to: KeyReference) throws(Refusal) {
        try requireAdministrator()
        guard from.isStandardKeyPair, to.isStandardKeyPair else { throw Refusal(.incorrectParameters) }
        guard let key = state.keys[from] else { throw Refusal(.referenceNotFound) }
        guard state.keys[to] == nil else { throw Refusal(.incorrectData) }
        try change { state in
            state.keys[from] = nil
            state.keys[to] = key
        }
    }

    /// DELETE KEY (Yubico: MOVE KEY to FF).
    func deleteKey(_ reference: KeyReference) throws(Refusal) {
        try requireAdministrator()
        guard isKeyPlace(reference) else { throw Refusal(.incorrectParameters) }
        guard state.keys[reference] != nil else { throw Refusal(.referenceNotFound) }
        try change { $0.keys[reference] = nil }
    }

    /// The data objects of a public key, as 7F49 and GET METADATA's tag 04 hold them (SP 800-73-5 part 2, table 11;
    /// Edwards and Montgomery keys: 86 with their 32 bytes).
    static func publicKeyObjects(_ key: PublicKey) -> [UInt8] {
        switch key {
        case .rsa(let modulus, let exponent):
            BER.object(0x81, modulus) + BER.object(0x82, exponent)
        case .ec(_, let point): BER.object(0x86, point)
        case .edwards(_, let bytes), .montgomery(_, let bytes): BER.object(0x86, bytes)
        }
    }

    private func isKeyPlace(_ reference: KeyReference) -> Bool {
        reference.isStandardKeyPair || (reference == .attestation && profile.isYubiKey(since: 4, 3))
    }

    private func store(
        _ key: PrivateKey, _ request: KeyRequest, _ origin: CardKey.Origin, at reference: KeyReference
    ) throws(Refusal) {
        // A card without Yubico's policies is not asked for any.
        guard profile.isYubiKey || request.pinPolicy == nil && request.touchPolicy == nil else {
            throw Refusal(.incorrectData)
        }
        let pinPolicy = request.pinPolicy ?? (profile.isPINless ? .never : reference.defaultPINPolicy)
        let stored = CardKey(
            algorithm: request.algorithm, key: key, origin: origin, pinPolicy: pinPolicy,
            touchPolicy: request.touchPolicy ?? .never)
        try change { $0.keys[reference] = stored }
    }

    private static func key(
        _ algorithm: KeyAlgorithm, _ elements: [UInt32: [UInt8]]
    ) throws(HostCryptoError) -> PrivateKey {
        func element(_ tag: UInt32) throws(HostCryptoError) -> [UInt8] {
            guard let value = elements[tag] else { throw .malformed }
            return value
        }
        switch algorithm {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096:
            return try PrivateKey.rsa(
                p: element(0x01), q: element(0x02), dp: element(0x03), dq: element(0x04), qinv: element(0x05))
        case .p256: return try PrivateKey.ec(.p256, scalar: element(0x06))
        case .p384: return try PrivateKey.ec(.p384, scalar: element(0x06))
        case .ed25519: return try PrivateKey.octets(.ed25519, seed: element(0x07))
        case .x25519: return try PrivateKey.octets(.x25519, seed: element(0x08))
        }
    }
}

import APDU
import HostCrypto
import Keys

/// Key pairs: made, read, imported (sections 7.2.8 and 7.2.14).
extension OpenPGPApplication {
    /// GENERATE ASYMMETRIC KEY PAIR with P1 = 80: the public key in 7F49.
    func generateKeyPair(_ slot: OpenPGPKeySlot) throws(Refusal) -> [UInt8] {
        try require(.administrator)
        let type = state[slot].attributes.algorithm.keyType
        let key = try computing { () throws(HostCryptoError) in try PrivateKey.generate(type) }
        try change { $0.store(key, isImported: false, in: slot) }
        return Self.template(key.publicKey)
    }

    /// GENERATE ASYMMETRIC KEY PAIR with P1 = 81: the public key, for anybody.
    func readPublicKey(_ slot: OpenPGPKeySlot) throws(Refusal) -> [UInt8] {
        guard let key = state[slot].key else { throw Refusal(.referenceNotFound) }
        return Self.template(key.publicKey)
    }

    /// PUT DATA with the extended header list 4D.
    func importKey(_ template: PrivateKeyTemplate) throws(Refusal) {
        try require(.administrator)
        let attributes = state[template.slot].attributes
        let key = try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in
            try Self.key(attributes.algorithm.keyType, template.elements)
        }
        guard key.type == attributes.algorithm.keyType else { throw Refusal(.incorrectData) }
        try change { $0.store(key, isImported: true, in: template.slot) }
    }

    /// 7F49 with 81 modulus and 82 exponent, or 86 with the point or the octets of the curve.
    private static func template(_ key: PublicKey) -> [UInt8] {
        BER.object(0x7F49, PIVApplication.publicKeyObjects(key))
    }

    /// The key of the numbers in 5F48 (section 4.4.3.12): RSA 91 exponent, 92 and 93 primes, what else the import
    /// format adds follows from these; curves 92 the private key and perhaps 99 the public one.
    private static func key(_ type: KeyType, _ elements: [UInt8: [UInt8]]) throws(HostCryptoError) -> PrivateKey {
        guard let first = elements[0x92] else { throw .malformed }
        let key: PrivateKey
        switch type {
        case .rsa:
            guard let exponent = elements[0x91], let second = elements[0x93] else { throw .malformed }
            return try PrivateKey.rsa(p: first, q: second, publicExponent: exponent)
        case .ec(let curve): key = try PrivateKey.ec(curve, scalar: padded(first, to: curve.fieldSize))
        case .edwards(let curve): key = try PrivateKey.octets(type, seed: padded(first, to: curve.keySize))
        // Scalars of Montgomery curves come big-endian: gpg sends them as the number in its file, and yubikit turns
        // them around before it sends them.
        case .montgomery(let curve):
            key = try PrivateKey.octets(type, seed: padded(first, to: curve.keySize).reversed())
        }
        if let given = elements[0x99], Array(given.suffix(key.publicKey.octets.count)) != key.publicKey.octets {
            throw .invalidKey
        }
        return key
    }

    /// A number with leading zeros up to `count`, which some hosts leave out.
    private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: max(0, count - bytes.count)) + bytes
    }
}

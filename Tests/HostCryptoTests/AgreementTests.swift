import HostCrypto
import Keys
import Testing

/// Key agreement, and the keys that are derived from its secrets, against published vectors.
@Suite struct AgreementTests {
    /// A record that fails has a point that is not on the curve.
    @Test(arguments: try vectors("ecdh") + vectors("wycheproof-ecdh"))
    func secrets(record: VectorRecord) throws {
        let key = try PrivateKey.ec(record.curve("Curve"), scalar: record.bytes("Scalar"))
        let point = try record.bytes("Point")
        guard try record.passes else {
            #expect(throws: HostCryptoError.invalidKey) { try key.publicKey.peer(at: point) }
            return
        }
        let peer = try key.publicKey.peer(at: point)
        #expect(try key.sharedSecret(with: peer) == record.bytes("Z"))
        let x = point.dropFirst().prefix((point.count - 1) / 2)
        let compressed = [2 + (point.last ?? 0) & 1] + x
        #expect(try key.publicKey.peer(at: compressed) == peer)
    }

    @Test(arguments: try vectors("cavp-agreement-kdf"))
    func keys(record: VectorRecord) throws {
        let function: AgreementKDF = try record.text("KDF") == "X963" ? .x963 : .concatenation
        let (secret, expected) = try (record.bytes("Z"), record.bytes("Key"))
        let key = try function.derive(
            secret.span.bytes, information: record.bytes("Info"),
            digest: record.digest("Hash"), count: expected.count)
        #expect(key == expected)
    }

    /// What Wycheproof calls acceptable may be refused, and is where the secret is zero.
    @Test(arguments: try vectors("wycheproof-xdh"))
    func montgomerySecrets(record: VectorRecord) throws {
        let type = try record.text("Curve") == "X25519" ? KeyType.x25519 : .x448
        let (point, expected) = try (record.bytes("Public"), record.bytes("Z"))
        let key = try PrivateKey.octets(type, seed: record.bytes("Private"))
        let secret = try? key.sharedSecret(with: key.publicKey.peer(at: point))
        let isRefused = try record.text("Result") == "F" || expected.allSatisfy { $0 == 0 }
        #expect(secret == (isRefused ? nil : expected))
    }

    /// Wycheproof, `x25519_test.json` and `x448_test.json`, the tests with the flag ZeroSharedSecret: all points of small
    /// order, written as they are and with the modulus added.
    @Test(
        arguments: [
            (.x25519, "00", ""), (.x25519, "01", ""), (.x25519, "ec", "7f"), (.x25519, "ed", "7f"),
            (.x25519, "ee", "7f"), (.x448, "00", ""), (.x448, "01", ""), (.x448, "fe448", ""), (.x448, "ff448", ""),
        ] as [(KeyType, String, String)])
    func pointsOfSmallOrder(_ type: KeyType, _ first: String, _ last: String) throws {
        let size = try #require(type.sharedSecretSize)
        let key = try PrivateKey.generate(type)
        #expect(throws: HostCryptoError.invalidKey) {
            try key.publicKey.peer(at: Self.point(size, first: first, last: last))
        }
        let other = try PrivateKey.generate(type).publicKey
        #expect(try key.publicKey.peer(at: other.octets) == other)
        for wrong in [[], Array(other.octets.dropLast()), [0x40] + other.octets] {
            #expect(throws: HostCryptoError.invalidKey) { try key.publicKey.peer(at: wrong) }
        }
    }

    /// 2^255 − 19 and 2^448 − 2^224 − 1 have ones in nearly all places.
    private static func point(_ size: Int, first: String, last: String) -> [UInt8] {
        switch first {
        case "00", "01": return bytes(hex: first) + [UInt8](repeating: 0, count: size - 1)
        case "fe448", "ff448":
            let low = [UInt8](repeating: 0xFF, count: 27)
            return [first == "fe448" ? 0xFE : 0xFF] + low + [0xFE] + [UInt8](repeating: 0xFF, count: 27)
        default: return bytes(hex: first) + [UInt8](repeating: 0xFF, count: size - 2) + bytes(hex: last)
        }
    }

    @Test(arguments: [KeyType.rsa(bits: 1024), .ed25519, .ed448])
    func otherKeysAgreeOnNothing(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type).publicKey
        #expect(throws: HostCryptoError.unsupported) { try key.peer(at: key.octets) }
        #expect(type.sharedSecretSize == nil)
    }
}

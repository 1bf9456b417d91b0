import Keys
import Testing

@testable import HostCrypto

@Suite struct SignatureVectorTests {
    /// A point from coordinates that may lack leading zeros, or be too long.
    private static func point(_ record: VectorRecord, _ curve: Curve) throws -> [UInt8] {
        try [4] + padded(record.text("Qx"), curve) + padded(record.text("Qy"), curve)
    }

    private static func padded(_ hex: String, _ curve: Curve) -> [UInt8] {
        bytes(hex: String(repeating: "0", count: max(0, 2 * curve.fieldSize - hex.count)) + hex)
    }

    @Test(arguments: try vectors("cavp-ecdsa-sigver"))
    func ecdsa(record: VectorRecord) throws {
        let curve = try record.curve("Curve")
        let key = PublicKey.ec(curve, point: try Self.point(record, curve))
        let halves = try Self.padded(record.text("R"), curve) + Self.padded(record.text("S"), curve)
        let signature = try ECDSASignature(fixedWidth: halves, fieldSize: curve.fieldSize)
        let hash = try record.digest("Hash").hash(record.bytes("Msg"))
        // "Q changed" may leave a point off the curve, which is an error rather than a signature that fails.
        let verified = (try? key.verifyECDSA(signature, hash: hash)) ?? false
        #expect(try verified == record.passes)
        #expect(try ECDSASignature(der: signature.der, fieldSize: curve.fieldSize) == signature)
    }

    @Test(arguments: try vectors("cavp-ecdsa-pkv"))
    func points(record: VectorRecord) throws {
        let curve = try record.curve("Curve")
        let key = PublicKey.ec(curve, point: try Self.point(record, curve))
        if try record.passes {
            try key.validate()
        } else {
            #expect(throws: HostCryptoError.invalidKey) { try key.validate() }
        }
    }

    @Test(arguments: try vectors("cavp-rsa-pkcs1-sigver") + vectors("wycheproof-rsa-pkcs1-sigver"))
    func pkcs1(record: VectorRecord) throws {
        let key = PublicKey.rsa(modulus: try record.bytes("n"), publicExponent: try record.bytes("e"))
        let digest = try record.digest("SHAAlg")
        let hash = try digest.hash(record.bytes("Msg"))
        // A number that is no signature of this key, for it is too long or too large, is an error.
        let verified = (try? key.verifyPKCS1(record.bytes("S"), hash: hash, digest: digest)) ?? false
        #expect(try verified == record.passes)
    }

    @Test(arguments: try vectors("cavp-rsa-pss-sigver"))
    func pss(record: VectorRecord) throws {
        let key = PublicKey.rsa(modulus: try record.bytes("n"), publicExponent: try record.bytes("e"))
        let digest = try record.digest("SHAAlg")
        let parameters = PSSParameters(digest: digest, saltSize: try record.bytes("SaltVal").count)
        let hash = try digest.hash(record.bytes("Msg"))
        #expect(try key.verifyPSS(record.bytes("S"), hash: hash, parameters: parameters) == record.passes)
    }

    @Test(arguments: try vectors("eddsa"))
    func eddsa(record: VectorRecord) throws {
        let type = try record.text("Curve") == "Ed25519" ? KeyType.ed25519 : .ed448
        let key = try PrivateKey.octets(type, seed: record.bytes("Seed"))
        let (message, signature) = (try record.bytes("Msg"), try record.bytes("S"))
        #expect(
            try key.publicKey.subjectPublicKeyInfo.suffix(record.bytes("Public").count) == record.bytes("Public")[...])
        #expect(try key.signEdDSA(message) == signature)
        #expect(try key.publicKey.verifyEdDSA(signature, message: message))
        #expect(try !key.publicKey.verifyEdDSA(signature, message: message + [0]))
        #expect(try !key.publicKey.verifyEdDSA(signature + [0], message: message))
    }
    /// Signatures as PKCS#11 has them, of numbers that others have stumbled over.
    @Test(arguments: try vectors("wycheproof-ecdsa"))
    func specialECDSA(record: VectorRecord) throws {
        let curve = try record.curve("Curve")
        let key = PublicKey.ec(curve, point: try record.bytes("Public"))
        let (hash, bytes) = try (record.digest("Hash").hash(record.bytes("Msg")), record.bytes("S"))
        let verified = try? key.verifyECDSA(
            ECDSASignature(fixedWidth: bytes, fieldSize: curve.fieldSize),
            hash: Array(hash.prefix(curve.fieldSize)))
        #expect(try verified ?? false == record.passes)
    }

    @Test(arguments: try vectors("wycheproof-rsa-pss-sigver"))
    func specialPSS(record: VectorRecord) throws {
        let key = PublicKey.rsa(modulus: try record.bytes("n"), publicExponent: try record.bytes("e"))
        let parameters = try PSSParameters(
            digest: record.digest("SHAAlg"), maskDigest: record.digest("MGFAlg"), saltSize: record.number("SaltLen"))
        let hash = try parameters.digest.hash(record.bytes("Msg"))
        let verified = (try? key.verifyPSS(record.bytes("S"), hash: hash, parameters: parameters)) ?? false
        #expect(try verified == record.passes)
    }

    @Test(arguments: try vectors("wycheproof-eddsa"))
    func specialEdDSA(record: VectorRecord) throws {
        let octets = try record.bytes("Public")
        let key = try record.text("Curve") == "Ed25519" ? PublicKey.edwards(.ed25519, octets) : .edwards(.ed448, octets)
        let verified = (try? key.verifyEdDSA(record.bytes("S"), message: record.bytes("Msg"))) ?? false
        #expect(try verified == record.passes)
    }
}

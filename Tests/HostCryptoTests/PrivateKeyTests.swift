import HostCrypto
import Keys
import Testing

@Suite struct PrivateKeyTests {
    static let types: [KeyType] =
        [.rsa(bits: 1024), .rsa(bits: 2048), .ed25519, .ed448, .x25519, .x448] + Curve.allCases.map { .ec($0) }

    @Test("openssl reads the PKCS#8 and gives the same public key", arguments: types)
    func pkcs8(type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        #expect(key.type == type)
        #expect(key.publicKey.type == type)
        let der = try key.pkcs8()
        let answer = try OpenSSLTool.run(["pkey", "-inform", "DER", "-in", der, "-pubout", "-outform", "DER"])
        #expect(answer.status == 0)
        #expect(answer.output == key.publicKey.subjectPublicKeyInfo)
        #expect(try PrivateKey.pkcs8(der).publicKey == key.publicKey)
        #expect(try PublicKey(subjectPublicKeyInfo: answer.output) == key.publicKey)
    }

    @Test("A PKCS#8 that is cut or longer is refused")
    func brokenPKCS8() throws {
        let der = try PrivateKey.generate(.ec(.p256)).pkcs8()
        for count in 0..<der.count {
            #expect(throws: HostCryptoError.malformed) { try PrivateKey.pkcs8(Array(der.prefix(count))) }
        }
        #expect(throws: HostCryptoError.malformed) { try PrivateKey.pkcs8(der + [0]) }
    }

    @Test("ECDSA signatures that openssl verifies", arguments: Curve.allCases)
    func ecdsa(curve: Curve) throws {
        let key = try PrivateKey.generate(.ec(curve))
        let message = Array("martlet".utf8)
        let signature = try key.signECDSA(hash: Digest.sha256.hash(message))
        let answer = try OpenSSLTool.run([
            "dgst", "-sha256", "-keyform", "DER", "-verify", key.publicKey.subjectPublicKeyInfo,
            "-signature", signature, message,
        ])
        #expect(answer.text == "Verified OK\n")
    }

    @Test("EdDSA signatures that openssl verifies", arguments: [KeyType.ed25519, .ed448])
    func eddsa(type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        let message = Array("martlet".utf8)
        let signature = try key.signEdDSA(message)
        let answer = try OpenSSLTool.run([
            "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", key.publicKey.subjectPublicKeyInfo,
            "-sigfile", signature, "-in", message,
        ])
        #expect(answer.status == 0)
        #expect(throws: HostCryptoError.unsupported) { try key.signECDSA(hash: message) }
        #expect(throws: HostCryptoError.unsupported) { try key.rsaPrivateOperation(message) }
    }

    @Test(
        "Both sides of a key agreement have the same secret",
        arguments: [KeyType.x25519, .x448] + Curve.allCases.map { .ec($0) })
    func agreement(type: KeyType) throws {
        let (one, other) = (try PrivateKey.generate(type), try PrivateKey.generate(type))
        let secret = try one.sharedSecret(with: other.publicKey)
        #expect(try other.sharedSecret(with: one.publicKey) == secret)
        let answer = try OpenSSLTool.run([
            "pkeyutl", "-derive", "-keyform", "DER", "-inkey", one.pkcs8(), "-peerform", "DER",
            "-peerkey", other.publicKey.subjectPublicKeyInfo,
        ])
        #expect(answer.output == secret)
        let stranger = try PrivateKey.generate(type == .x25519 ? .x448 : .x25519)
        #expect(throws: HostCryptoError.invalidKey) { try one.sharedSecret(with: stranger.publicKey) }
    }

    @Test("The raw RSA operation is what openssl's unpadded decryption gives")
    func rsa() throws {
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let input = [0] + (try Random.bytes(255))
        let output = try key.rsaPrivateOperation(input)
        let answer = try OpenSSLTool.run([
            "pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", key.pkcs8(), "-in", input,
            "-pkeyopt", "rsa_padding_mode:none",
        ])
        #expect(answer.output == output)
        #expect(throws: HostCryptoError.invalidLength) { try key.rsaPrivateOperation(Array(input.dropFirst())) }
        #expect(throws: HostCryptoError.invalidLength) {
            try key.rsaPrivateOperation([UInt8](repeating: 0xFF, count: 256))
        }
    }

    @Test(arguments: try vectors("rfc7748"))
    func montgomery(record: VectorRecord) throws {
        let type = try record.text("Curve") == "X25519" ? KeyType.x25519 : .x448
        let key = try PrivateKey.octets(type, seed: record.bytes("INPUT_SCALAR"))
        let u = try record.bytes("INPUT_U")
        let peer = type == .x25519 ? PublicKey.montgomery(.x25519, u) : .montgomery(.x448, u)
        #expect(try key.sharedSecret(with: peer) == record.bytes("OUTPUT_U"))
    }

    @Test("A secret of zeros, from a point of low order, is refused")
    func lowOrder() throws {
        let zeros = [UInt8](repeating: 0, count: 32)
        let key = try PrivateKey.generate(.x25519)
        #expect(throws: HostCryptoError.invalidKey) { try key.sharedSecret(with: .montgomery(.x25519, zeros)) }
    }

    @Test("Scalars out of range and primes that do not belong together are refused", arguments: Curve.allCases)
    func imports(curve: Curve) throws {
        for scalar in [0x00, 0xFF] as [UInt8] {
            #expect(throws: HostCryptoError.invalidKey) {
                try PrivateKey.ec(curve, scalar: [UInt8](repeating: scalar, count: curve.fieldSize))
            }
        }
        #expect(throws: HostCryptoError.invalidLength) { try PrivateKey.ec(curve, scalar: [1]) }
        let one = [UInt8](repeating: 0, count: curve.fieldSize - 1) + [1]
        #expect(try PrivateKey.ec(curve, scalar: one).publicKey.type == .ec(curve))
        let numbers: [[UInt8]] = [[], [0], [1], [2], [3], [5], [7], [UInt8](repeating: 0xFF, count: 128)]
        for p in numbers {
            for q in numbers {
                for d in numbers {
                    #expect(throws: HostCryptoError.self) { try PrivateKey.rsa(p: p, q: q, dp: d, dq: d, qinv: d) }
                }
            }
        }
    }

    @Test("An RSA key follows from its primes and its exponent", arguments: [[1, 0, 1], [3]] as [[UInt8]])
    func primes(exponent: [UInt8]) throws {
        let number = exponent.reduce(0) { $0 << 8 | Int($1) }
        let der = try OpenSSLTool.run([
            "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-pkeyopt",
            "rsa_keygen_pubexp:\(number)", "-outform", "DER",
        ]).output
        let text = try OpenSSLTool.run(["pkey", "-inform", "DER", "-in", der, "-text", "-noout"]).text
        let pkcs8 = try OpenSSLTool.run([
            "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", der, "-outform", "DER",
        ])
        func prime(_ name: String) throws -> [UInt8] {
            let rest = try #require(text.range(of: name + ":\n")).upperBound
            return bytes(hex: text[rest...].prefix { ": \n".contains($0) || $0.isHexDigit }.filter { $0 != ":" })
        }
        let (p, q) = (try prime("prime1"), try prime("prime2"))
        let key = try PrivateKey.rsa(p: p, q: q, publicExponent: exponent)
        #expect(try key.publicKey == PrivateKey.pkcs8(pkcs8.output).publicKey)
        #expect(throws: HostCryptoError.invalidKey) { try PrivateKey.rsa(p: p, q: q, publicExponent: [2]) }
        #expect(throws: HostCryptoError.invalidKey) { try PrivateKey.rsa(p: p, q: [4], publicExponent: exponent) }
        #expect(throws: HostCryptoError.self) { try PrivateKey.rsa(p: [], q: q, publicExponent: []) }
    }

    @Test("RSA keys of unsupported sizes are refused", arguments: [Int.min, -1, 0, 512, 1023, 1025, 4104, Int.max])
    func sizes(bits: Int) {
        #expect(throws: HostCryptoError.invalidLength) { try PrivateKey.generate(.rsa(bits: bits)) }
    }
}

import Keys
import Testing

@testable import HostCrypto

@Suite struct RSAPaddingTests {
    private static func key(_ record: VectorRecord) throws -> PrivateKey {
        let key = try PrivateKey.rsa(
            p: record.bytes("p"), q: record.bytes("q"), dp: record.bytes("dp"), dq: record.bytes("dq"),
            qinv: record.bytes("qinv"))
        #expect(try key.publicKey == .rsa(modulus: record.bytes("n"), publicExponent: record.bytes("e")))
        return key
    }

    @Test(arguments: try vectors("rsalabs-oaep"))
    func oaep(record: VectorRecord) throws {
        let encoded = try Self.key(record).rsaPrivateOperation(record.bytes("Ciphertext"))
        let parameters = OAEPParameters(digest: .sha1)
        #expect(try RSAPadding.oaepMessage(in: encoded, parameters: parameters) == record.bytes("Msg"))
        for index in [0, 1, 20, 21, encoded.count - 1] {
            var broken = encoded
            broken[index] ^= 1
            #expect(throws: HostCryptoError.invalidPadding) {
                try RSAPadding.oaepMessage(in: broken, parameters: parameters)
            }
        }
        #expect(throws: HostCryptoError.invalidPadding) {
            try RSAPadding.oaepMessage(in: encoded, parameters: OAEPParameters(digest: .sha1, label: [1]))
        }
    }

    /// A signed block is 00 01, at least eight bytes of FF, 00, and the data (RFC 8017, section 9.2).
    @Test(
        arguments: [
            ([0, 1] + filling(8) + [0, 7, 8], [7, 8]), ([0, 1] + filling(8) + [0], []),
            ([0, 1] + filling(100) + [0, 0], [0]), ([0, 1] + filling(7) + [0, 7], nil), ([0, 1, 0, 7], nil),
            ([0, 2] + filling(8) + [0, 7], nil), ([1, 1] + filling(8) + [0, 7], nil), ([0, 1] + filling(20), nil),
            ([0, 1] + filling(8) + [1, 0, 7], nil), ([], nil), ([0], nil),
        ] as [([UInt8], [UInt8]?)])
    func signedBlocks(_ block: [UInt8], _ data: [UInt8]?) throws {
        if let data {
            #expect(try RSAPadding.pkcs1SignedData(in: block) == data)
        } else {
            #expect(throws: HostCryptoError.invalidPadding) { try RSAPadding.pkcs1SignedData(in: block) }
        }
    }

    private static func filling(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }

    /// Paddings that others have taken for right, and blocks with seeds, masks and labels of a special form.
    @Test(arguments: try vectors("wycheproof-rsa-oaep"))
    func specialOAEP(record: VectorRecord) throws {
        let encoded = try Self.key(record).rsaPrivateOperation(record.bytes("Ciphertext"))
        let parameters = OAEPParameters(digest: .sha256, label: try record.bytes("Label"))
        if try record.passes {
            #expect(try RSAPadding.oaepMessage(in: encoded, parameters: parameters) == record.bytes("Msg"))
        } else {
            #expect(throws: HostCryptoError.invalidPadding) {
                try RSAPadding.oaepMessage(in: encoded, parameters: parameters)
            }
        }
    }

    @Test(arguments: try vectors("rsalabs-pkcs1-crypt"))
    func pkcs1(record: VectorRecord) throws {
        let encoded = try Self.key(record).rsaPrivateOperation(record.bytes("Ciphertext"))
        #expect(try RSAPadding.pkcs1Message(in: encoded) == record.bytes("Msg"))
    }

    /// Paddings that are none, those of older versions of TLS, and ciphertexts of another length.
    @Test(arguments: try vectors("wycheproof-rsa-pkcs1-crypt"))
    func specialPKCS1(record: VectorRecord) throws {
        let (key, ciphertext) = try (Self.key(record), record.bytes("Ciphertext"))
        let decipher = { try RSAPadding.pkcs1Message(in: key.rsaPrivateOperation(ciphertext)) }
        if try record.passes {
            #expect(try decipher() == record.bytes("Msg"))
        } else {
            let isNumber = try ciphertext.count == 256 && ciphertext.lexicographicallyPrecedes(record.bytes("n"))
            let refusal = isNumber ? HostCryptoError.invalidPadding : .invalidLength
            #expect(throws: refusal) { try decipher() }
        }
    }

    @Test(arguments: try vectors("rsalabs-pss"))
    func pss(record: VectorRecord) throws {
        let key = try Self.key(record)
        guard case .rsa(let bits) = key.type else { throw HostCryptoError.unsupported }
        let hash = try Digest.sha1.hash(record.bytes("Msg"))
        let salt = try record.bytes("Salt")
        let parameters = PSSParameters(digest: .sha1, saltSize: salt.count)
        let encoded = try RSAPadding.pssSignature(
            ofHash: hash, salt: salt, parameters: parameters, modulusBits: bits)
        #expect(try key.rsaPrivateOperation(encoded) == record.bytes("S"))
        #expect(try key.publicKey.verifyPSS(record.bytes("S"), hash: hash, parameters: parameters))
    }

    /// Every byte of a PSS block counts, and the zeros before it, where the modulus has 8n + 1 bits.
    @Test(arguments: [1024, 1025, 1023]) func brokenPSS(_ bits: Int) throws {
        let hash = try Digest.sha256.hash([1])
        let parameters = PSSParameters(digest: .sha256)
        let encoded = try RSAPadding.pssSignature(ofHash: hash, parameters: parameters, modulusBits: bits)
        func verifies(_ encoded: [UInt8]) throws -> Bool {
            try RSAPadding.pssVerify(encoded, hash: hash, parameters: parameters, modulusBits: bits)
        }
        #expect(try verifies(encoded))
        for index in encoded.indices {
            for bit in [UInt8(1), 0x80] {
                var broken = encoded
                broken[index] ^= bit
                #expect(try !verifies(broken), "byte \(index)")
            }
        }
        #expect(try !verifies(encoded + [0]) && !verifies(Array(encoded.dropLast())))
    }

    /// 00 02, padding, 00, message: what each row breaks.
    @Test(arguments: [
        ("first byte", [1, 2] + [UInt8](repeating: 7, count: 8) + [0, 9]),
        ("block type", [0, 1] + [UInt8](repeating: 7, count: 8) + [0, 9]),
        ("seven bytes of padding", [0, 2] + [UInt8](repeating: 7, count: 7) + [0, 9, 9]),
        ("no separator", [0, 2] + [UInt8](repeating: 7, count: 10)),
        ("all zeros", [UInt8](repeating: 0, count: 12)),
    ])
    func brokenPKCS1(what: String, encoded: [UInt8]) {
        #expect(throws: HostCryptoError.invalidPadding) { try RSAPadding.pkcs1Message(in: encoded) }
    }

    /// What stands behind the label's hash in an EME-OAEP block, whose masks and hash are right.
    @Test(
        arguments: [
            ("a byte between zeros and separator", [0, 2, 1, 9]), ("no separator", [0, 0, 0, 0]),
            ("another separator", [0, 0, 3, 1]), ("a separator with another bit", [0, 0x81, 1, 9]),
        ] as [(String, [UInt8])])
    func brokenOAEP(what: String, rest: [UInt8]) throws {
        let encode = { (rest: [UInt8]) in
            let block = try Digest.sha1.hash([]) + rest
            let seed = [UInt8](repeating: 5, count: 20)
            let maskedBlock = RSAPadding.xor(block, try RSAPadding.mgf1(seed, count: block.count, digest: .sha1))
            return [0] + RSAPadding.xor(seed, try RSAPadding.mgf1(maskedBlock, count: 20, digest: .sha1)) + maskedBlock
        }
        let parameters = OAEPParameters(digest: .sha1)
        #expect(try RSAPadding.oaepMessage(in: encode([0, 0, 1, 9]), parameters: parameters) == [9])
        #expect(throws: HostCryptoError.invalidPadding) {
            try RSAPadding.oaepMessage(in: encode(rest), parameters: parameters)
        }
    }

    @Test("Messages of every length survive padding and its removal", arguments: [64, 128, 129])
    func lengths(count: Int) throws {
        for size in 0...count - 11 {
            let message = try Random.bytes(size)
            #expect(try RSAPadding.pkcs1Message(in: RSAPadding.pkcs1Encryption(of: message, count: count)) == message)
        }
        #expect(throws: HostCryptoError.invalidLength) {
            try RSAPadding.pkcs1Encryption(of: [UInt8](repeating: 1, count: count - 10), count: count)
        }
        #expect(throws: HostCryptoError.invalidLength) {
            try RSAPadding.pkcs1Signature(of: [UInt8](repeating: 1, count: count - 10), count: count)
        }
        let parameters = OAEPParameters(digest: .sha1)
        for size in 0...count - 42 {
            let message = try Random.bytes(size)
            let encoded = try RSAPadding.oaepEncryption(of: message, parameters: parameters, count: count)
            #expect(try RSAPadding.oaepMessage(in: encoded, parameters: parameters) == message)
        }
    }

    @Test("openssl decrypts a public key's RSA encryption, and verifies a PSS encoding")
    func outside() throws {
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let der = try key.pkcs8()
        let message = Array("martlet".utf8)
        let decrypt: [any Sendable] = ["pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", der, "-in"]
        #expect(try OpenSSLTool.run(decrypt + [key.publicKey.encryptPKCS1(message)]).output == message)
        let oaep = try key.publicKey.encryptOAEP(
            message, parameters: OAEPParameters(digest: .sha256, maskDigest: .sha1, label: [0xAB]))
        let options: [any Sendable] = [
            "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha1",
            "-pkeyopt", "rsa_oaep_label:ab",
        ]
        #expect(try OpenSSLTool.run(decrypt + [oaep] + options).output == message)

        let hash = try Digest.sha256.hash(message)
        let parameters = PSSParameters(digest: .sha256, maskDigest: .sha512, saltSize: 20)
        let encoded = try RSAPadding.pssSignature(ofHash: hash, parameters: parameters, modulusBits: 2048)
        let answer = try OpenSSLTool.run([
            "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key.publicKey.subjectPublicKeyInfo,
            "-in", hash, "-sigfile", key.rsaPrivateOperation(encoded), "-pkeyopt", "digest:sha256",
            "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_mgf1_md:sha512", "-pkeyopt", "rsa_pss_saltlen:20",
        ])
        #expect(answer.status == 0)
    }

    @Test("Sizes that a modulus cannot hold are refused without a trap")
    func misfits() throws {
        let parameters = PSSParameters(digest: .sha512)
        let hash = [UInt8](repeating: 1, count: 64)
        for bits in [Int.min, -1, 0, 8, 511, 1024, Int.max] {
            #expect(throws: HostCryptoError.invalidLength) {
                try RSAPadding.pssSignature(ofHash: hash, parameters: parameters, modulusBits: bits)
            }
        }
        #expect(throws: HostCryptoError.invalidLength) {
            try RSAPadding.pssSignature(ofHash: [1], parameters: parameters, modulusBits: 2048)
        }
        #expect(throws: HostCryptoError.invalidLength) {
            let huge = PSSParameters(digest: .sha1, saltSize: .max)
            return try RSAPadding.pssSignature(ofHash: Array(hash.prefix(20)), parameters: huge, modulusBits: 2048)
        }
        for count in [Int.min, -1, 0, 10, Int.max] {
            #expect(throws: HostCryptoError.invalidLength) { try RSAPadding.pkcs1Signature(of: [], count: count) }
            #expect(throws: HostCryptoError.invalidLength) {
                try RSAPadding.oaepEncryption(of: [], parameters: OAEPParameters(digest: .sha1), count: count)
            }
        }
    }
}

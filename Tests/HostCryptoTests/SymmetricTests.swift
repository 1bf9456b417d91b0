import HostCrypto
import Keys
import Testing

/// AES and MACs beside the openssl command, and what they refuse.
@Suite struct SymmetricTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(
        "Each mode as openssl does it, both ways",
        arguments: ["ecb", "cbc", "ctr", "ofb", "cfb8", "cfb"], [16, 24, 32])
    func modes(name: String, keySize: Int) throws {
        let (key, iv, plain) = try (Random.bytes(keySize), Random.bytes(16), Random.bytes(1600))
        let mode = SymmetricVectorTests.mode(name == "cfb" ? "CFB128" : name.uppercased(), iv)
        let vector = name == "ecb" ? [] : ["-iv", Self.hex(iv)]
        let arguments = ["enc", "-aes-\(keySize * 8)-\(name)", "-nopad", "-K", Self.hex(key)] + vector
        let expected = try OpenSSLTool.run(arguments + ["-in", plain]).output
        #expect(try SymmetricVectorTests.run(mode, key, plain, isEncrypting: true, 100) == expected)
        let decrypted = try OpenSSLTool.run(arguments + ["-d", "-in", expected]).output
        #expect(decrypted == plain)
    }

    @Test("HMAC as openssl does it", arguments: DigestTests.names)
    func hmac(digest: Digest, name: String) throws {
        let (key, message) = try (Random.bytes(50), Random.bytes(1000))
        let expected = try OpenSSLTool.run(
            ["dgst", name, "-mac", "HMAC", "-macopt", "hexkey:\(Self.hex(key))", "-binary", message]
        ).output
        #expect(try MACContext.code(.hmac(digest), key: key.span.bytes, of: [message]) == expected)
    }

    @Test("HKDF as openssl does it", arguments: ["SHA1", "SHA256", "SHA512", "SHA3-256"])
    func hkdf(name: String) throws {
        let digest = try #require(
            Digest(rawValue: name.replacing("SHA256", with: "SHA2-256").replacing("SHA512", with: "SHA2-512")))
        let (material, salt, info) = try (Random.bytes(40), Random.bytes(30), Random.bytes(20))
        let expected = try OpenSSLTool.run([
            "kdf", "-binary", "-keylen", "200", "-kdfopt", "digest:\(name)", "-kdfopt", "hexkey:\(Self.hex(material))",
            "-kdfopt", "hexsalt:\(Self.hex(salt))", "-kdfopt", "hexinfo:\(Self.hex(info))", "HKDF",
        ]).output
        let key = try HKDF.extract(material.span.bytes, salt: salt.span.bytes, digest: digest)
        #expect(try HKDF.expand(key.span.bytes, info: info, count: 200, digest: digest) == expected)
        #expect(throws: HostCryptoError.invalidLength) {
            try HKDF.expand(key.span.bytes, info: info, count: 255 * digest.size + 1, digest: digest)
        }
    }

    @Test("Keys, vectors and tags of other lengths are refused")
    func lengths() throws {
        let (key, block) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        let (long, short) = (key + [0], Array(key.prefix(8)))
        let calls: [() throws -> Void] = [
            { _ = try SymmetricVectorTests.run(.ecb, long, block, isEncrypting: true, 16) },
            { _ = try SymmetricVectorTests.run(.cbc(iv: []), key, block, isEncrypting: true, 16) },
            { _ = try SymmetricVectorTests.run(.ctr(counter: long), key, block, isEncrypting: true, 16) },
            { _ = try AESGCMSealing(key: key.span.bytes, iv: [], authenticating: []) },
            { _ = try AESGCMSealing(key: long.span.bytes, iv: block, authenticating: []) },
            { _ = try AESGCM.open(block.span.bytes, tag: [1], key: key.span.bytes, iv: block, authenticating: []) },
            {
                _ = try AESCCM.seal(
                    block.span.bytes, tagSize: 5, key: key.span.bytes, nonce: Array(block.prefix(7)), authenticating: []
                )
            },
            {
                let data = [UInt8](repeating: 0, count: 65536)
                _ = try AESCCM.seal(
                    data.span.bytes, tagSize: 4, key: key.span.bytes, nonce: Array(block.prefix(13)), authenticating: []
                )
            },
            { _ = try AESKeyWrap.plain(initialValue: nil).wrap(long.span.bytes, key: key.span.bytes) },
            { _ = try AESKeyWrap.plain(initialValue: nil).wrap(short.span.bytes, key: key.span.bytes) },
            { _ = try AESKeyWrap.plain(initialValue: [1]).wrap(block.span.bytes, key: key.span.bytes) },
            { _ = try AESKeyWrap.padded(initialValue: nil).wrap([UInt8]().span.bytes, key: key.span.bytes) },
            { _ = try AESKeyWrap.padded(initialValue: nil).unwrap(long.span.bytes, key: key.span.bytes) },
            { _ = try MACContext(.aesCMAC, key: long.span.bytes) },
            { _ = try MACContext(.hmac(.sha256), key: [UInt8]().span.bytes) },
        ]
        for (index, call) in calls.enumerated() {
            #expect(throws: HostCryptoError.invalidLength, "call \(index)") { try call() }
        }
        // RFC 3394, section 2: two blocks of eight bytes at least.
        let sizes = [0, 8, 15, 16, 17, 24].map(AESKeyWrap.plain(initialValue: nil).wrappedSize)
        #expect(sizes == [nil, nil, nil, 24, nil, 32])
    }

    @Test("An initial value other than the standard's is checked when the key is unwrapped")
    func initialValues() throws {
        let (key, data) = try (Random.bytes(32), Random.bytes(24))
        for (wrap, other) in [
            (AESKeyWrap.plain(initialValue: [1, 2, 3, 4, 5, 6, 7, 8]), AESKeyWrap.plain(initialValue: nil)),
            (.padded(initialValue: [1, 2, 3, 4]), .padded(initialValue: nil)),
        ] {
            let wrapped = try wrap.wrap(data.span.bytes, key: key.span.bytes)
            #expect(try wrap.unwrap(wrapped.span.bytes, key: key.span.bytes) == data)
            #expect(throws: HostCryptoError.invalidPadding) {
                try other.unwrap(wrapped.span.bytes, key: key.span.bytes)
            }
        }
    }
}

import HostCrypto
import Testing

/// AES, MACs and HKDF against published vectors.
@Suite struct SymmetricVectorTests {
    static func mode(_ name: String, _ iv: [UInt8]) -> AESMode {
        switch name {
        case "CBC": .cbc(iv: iv)
        case "CTR": .ctr(counter: iv)
        case "OFB": .ofb(iv: iv)
        case "CFB8": .cfb8(iv: iv)
        case "CFB128": .cfb128(iv: iv)
        default: .ecb
        }
    }

    /// Each in one piece, and in pieces of seven bytes.
    @Test(arguments: try vectors("aes-modes"))
    func modes(record: VectorRecord) throws {
        let mode = Self.mode(try record.text("Mode"), try record.bytes("IV"))
        let (key, plain, cipher) = try (record.bytes("Key"), record.bytes("Plain"), record.bytes("Cipher"))
        for size in [7, 1 << 20] {
            #expect(try Self.run(mode, key, plain, isEncrypting: true, size) == cipher)
            #expect(try Self.run(mode, key, cipher, isEncrypting: false, size) == plain)
        }
    }

    static func run(
        _ mode: AESMode, _ key: [UInt8], _ data: [UInt8], isEncrypting: Bool, _ size: Int
    ) throws -> [UInt8] {
        var stream = try AESStream(mode, key: key.span.bytes, isEncrypting: isEncrypting)
        var output: [UInt8] = []
        for start in stride(from: 0, to: data.count, by: size) {
            let piece = Array(data[start..<min(start + size, data.count)])
            let expected = stream.outputSize(of: piece.count)
            let part = try stream.update(piece.span.bytes)
            #expect(part.count == expected)
            output += part
        }
        let pending = stream.pendingCount
        #expect(pending == 0)
        return output
    }

    @Test(arguments: try vectors("cavp-aes-gcm") + vectors("wycheproof-aes-gcm"))
    func gcm(record: VectorRecord) throws {
        let (key, iv, data) = try (record.bytes("Key"), record.bytes("IV"), record.bytes("AAD"))
        let (cipher, tag) = try (record.bytes("CT"), record.bytes("Tag"))
        let open = {
            try AESGCM.open(cipher.span.bytes, tag: tag, key: key.span.bytes, iv: iv, authenticating: data)
        }
        // libcrypto 3.0 takes no vectors of more than 128 bytes.
        let hasSize = AESGCM.vectorSizes.contains(iv.count)
        guard hasSize, try record.passes else {
            let refusal = hasSize ? HostCryptoError.invalidPadding : .invalidLength
            #expect(throws: refusal) { try open() }
            return
        }
        let plain = try open()
        #expect(plain == (try record.bytes("PT")))
        for size in [7, 1 << 20] {
            #expect(try Self.seal(plain, key, iv, data, tagSize: tag.count, size) == cipher + tag)
        }
    }

    private static func seal(
        _ plain: [UInt8], _ key: [UInt8], _ iv: [UInt8], _ data: [UInt8], tagSize: Int, _ size: Int
    ) throws -> [UInt8] {
        var sealing = try AESGCMSealing(key: key.span.bytes, iv: iv, authenticating: data)
        var output: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: size) {
            let piece = Array(plain[start..<min(start + size, plain.count)])
            output += try sealing.update(piece.span.bytes)
        }
        return try output + sealing.finish(tagSize: tagSize)
    }

    @Test(arguments: try vectors("cavp-aes-ccm") + vectors("wycheproof-aes-ccm"))
    func ccm(record: VectorRecord) throws {
        let (key, nonce, data) = try (record.bytes("Key"), record.bytes("Nonce"), record.bytes("AAD"))
        let tagSize = try record.number("TagLen")
        let whole = try record.bytes("CT")
        let (cipher, tag) = (Array(whole.dropLast(tagSize)), Array(whole.suffix(tagSize)))
        let open = {
            try AESCCM.open(cipher.span.bytes, tag: tag, key: key.span.bytes, nonce: nonce, authenticating: data)
        }
        guard try record.passes else {
            let hasSizes = AESCCM.nonceSizes.contains(nonce.count) && AESCCM.tagSizes.contains(tagSize)
            let refusal = hasSizes ? HostCryptoError.invalidPadding : .invalidLength
            #expect(throws: refusal) { try open() }
            return
        }
        let plain = try open()
        #expect(plain == (try record.bytes("PT")))
        let sealed = try AESCCM.seal(
            plain.span.bytes, tagSize: tagSize, key: key.span.bytes, nonce: nonce, authenticating: data)
        #expect(sealed == whole)
    }

    @Test(arguments: try vectors("aes-keywrap") + vectors("wycheproof-aes-keywrap"))
    func keyWrap(record: VectorRecord) throws {
        let wrap: AESKeyWrap =
            try record.text("Mode") == "KW" ? .plain(initialValue: nil) : .padded(initialValue: nil)
        let (key, wrapped) = try (record.bytes("Key"), record.bytes("CT"))
        let unwrap = { try wrap.unwrap(wrapped.span.bytes, key: key.span.bytes) }
        guard try record.passes else {
            let refusal = wrap.canUnwrap(wrapped.count) ? HostCryptoError.invalidPadding : .invalidLength
            #expect(throws: refusal) { try unwrap() }
            return
        }
        let data = try unwrap()
        #expect(data == (try record.bytes("PT")))
        #expect(try wrap.wrap(data.span.bytes, key: key.span.bytes) == wrapped)
        #expect(wrap.wrappedSize(of: data.count) == wrapped.count)
    }

    /// RFC 4231 cuts the code of its test case 5.
    @Test(arguments: try vectors("macs"))
    func macs(record: VectorRecord) throws {
        let function =
            try record.text("Hash") == "CMAC" ? .aesCMAC : MACContext.Function.hmac(record.digest("Hash"))
        let (key, message, expected) = try (record.bytes("Key"), record.bytes("Msg"), record.bytes("MAC"))
        for cut in [0, message.count / 3, message.count] {
            let pieces = [Array(message.prefix(cut)), [], Array(message.dropFirst(cut))]
            let code = try MACContext.code(function, key: key.span.bytes, of: pieces)
            #expect(code.prefix(expected.count) == expected[...])
            #expect(code.count == function.size)
        }
    }

    @Test(arguments: try vectors("rfc5869"))
    func hkdf(record: VectorRecord) throws {
        let digest = try record.digest("Hash")
        let (salt, expected) = try (record.bytes("Salt"), record.bytes("OKM"))
        let material = try record.bytes("IKM")
        let key = try HKDF.extract(material.span.bytes, salt: salt.span.bytes, digest: digest)
        #expect(key == (try record.bytes("PRK")))
        let info = try record.bytes("Info")
        #expect(try HKDF.expand(key.span.bytes, info: info, count: expected.count, digest: digest) == expected)
    }
    /// Codes that are wrong, and keys that AES does not have.
    @Test(arguments: try vectors("wycheproof-cmac"))
    func cmac(record: VectorRecord) throws {
        let (key, message, code) = try (record.bytes("Key"), record.bytes("Msg"), record.bytes("MAC"))
        let computed = try? MACContext.code(.aesCMAC, key: key.span.bytes, of: [message])
        #expect((computed == nil) == ![16, 24, 32].contains(key.count))
        #expect(try (computed == code) == record.passes)
    }

    @Test(arguments: try vectors("wycheproof-hkdf"))
    func wholeHKDF(record: VectorRecord) throws {
        let (digest, count) = try (record.digest("Hash"), record.number("Size"))
        let (material, salt) = try (record.bytes("IKM"), record.bytes("Salt"))
        let key = try HKDF.extract(material.span.bytes, salt: salt.span.bytes, digest: digest)
        let expand = { try HKDF.expand(key.span.bytes, info: record.bytes("Info"), count: count, digest: digest) }
        if try record.passes {
            #expect(try expand() == record.bytes("OKM"))
        } else {
            #expect(throws: HostCryptoError.invalidLength) { try expand() }
        }
    }
}

import HostCrypto
import Keys
import Testing

@Suite struct DigestTests {
    /// The name that `openssl dgst` has for each function.
    static let names: [(Digest, String)] = [
        (.sha1, "-sha1"), (.sha224, "-sha224"), (.sha256, "-sha256"), (.sha384, "-sha384"), (.sha512, "-sha512"),
        (.sha3_224, "-sha3-224"), (.sha3_256, "-sha3-256"), (.sha3_384, "-sha3-384"), (.sha3_512, "-sha3-512"),
    ]

    @Test("The same hash as openssl, in one piece and in several", arguments: names)
    func hash(digest: Digest, name: String) throws {
        let message = try Random.bytes(1000)
        let expected = try OpenSSLTool.run(["dgst", name, "-binary", message]).output
        #expect(try digest.hash(message) == expected)
        #expect(expected.count == digest.size)
        var context = try DigestContext(digest)
        try context.update(Array(message.prefix(300)))
        let copy = try context.copy()
        try context.update([])
        try context.update(Array(message.dropFirst(300)))
        #expect(try context.finish() == expected)
        #expect(try copy.finish() == digest.hash(Array(message.prefix(300))))
    }

    /// In one piece, and in pieces of seven bytes.
    @Test(arguments: try vectors("cavp-digests"))
    func published(record: VectorRecord) throws {
        let (digest, message) = try (record.digest("Hash"), record.bytes("Msg"))
        #expect(try digest.hash(message) == record.bytes("MD"))
        var context = try DigestContext(digest)
        for start in stride(from: 0, to: message.count, by: 7) {
            try context.update(Array(message[start...].prefix(7)))
        }
        #expect(try context.finish() == record.bytes("MD"))
    }

    /// FIPS 180-4 and FIPS 202 example messages: the empty one and "abc".
    @Test(arguments: [
        (Digest.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    ])
    func examples(digest: Digest, message: String, expected: String) throws {
        #expect(try digest.hash(Array(message.utf8)) == bytes(hex: expected))
    }

    /// RFC 8017, section 9.2, note 1.
    @Test(arguments: [
        (Digest.sha1, "3021300906052b0e03021a05000414"),
        (.sha224, "302d300d06096086480165030402040500041c"),
        (.sha256, "3031300d060960864801650304020105000420"),
        (.sha384, "3041300d060960864801650304020205000430"),
        (.sha512, "3051300d060960864801650304020305000440"),
    ])
    func digestInfo(digest: Digest, prefix: String) throws {
        #expect(digest.digestInfoPrefix == bytes(hex: prefix))
        #expect(throws: HostCryptoError.invalidLength) { try digest.digestInfo([0]) }
    }
}

import HostCrypto
import Testing

@Suite struct BlockCipherTests {
    /// AES: FIPS 197, appendix C. Triple DES: SP 800-67, appendix B.1.
    @Test(arguments: [
        (
            BlockCipher.aes128, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
            "69c4e0d86a7b0430d8cdb78070b4c55a"
        ),
        (
            .aes192, "000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff",
            "dda97ca4864cdfe06eaf70a0ec0d7191"
        ),
        (
            .aes256, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"
        ),
        (
            .tripleDES, "0123456789abcdef23456789abcdef01456789abcdef0123", "5468652071756663",
            "a826fd8ce53b855f"
        ),
    ])
    func ecb(cipher: BlockCipher, key: String, plain: String, encrypted: String) throws {
        let key = bytes(hex: key)
        #expect(try cipher.encrypt(bytes(hex: plain), key: key, mode: .ecb) == bytes(hex: encrypted))
        #expect(try cipher.decrypt(bytes(hex: encrypted), key: key, mode: .ecb) == bytes(hex: plain))
    }

    @Test(
        "CBC as openssl does it",
        arguments: zip(BlockCipher.allCases, ["-aes-128-cbc", "-aes-192-cbc", "-aes-256-cbc", "-des-ede3-cbc"]))
    func cbc(cipher: BlockCipher, name: String) throws {
        let key = try Random.bytes(cipher.keySize)
        let iv = try Random.bytes(cipher.blockSize)
        let plain = try Random.bytes(cipher.blockSize * 5)
        let hex = { (bytes: [UInt8]) in bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        let expected = try OpenSSLTool.run(["enc", name, "-nopad", "-K", hex(key), "-iv", hex(iv), "-in", plain]).output
        let encrypted = try cipher.encrypt(plain, key: key, mode: .cbc(iv: iv))
        #expect(encrypted == expected)
        #expect(try cipher.decrypt(encrypted, key: key, mode: .cbc(iv: iv)) == plain)
    }

    @Test("Wrong lengths are refused", arguments: BlockCipher.allCases)
    func lengths(cipher: BlockCipher) throws {
        let key = [UInt8](repeating: 1, count: cipher.keySize)
        let block = [UInt8](repeating: 2, count: cipher.blockSize)
        #expect(throws: HostCryptoError.invalidLength) { try cipher.encrypt(block + [0], key: key, mode: .ecb) }
        #expect(throws: HostCryptoError.invalidLength) {
            try cipher.encrypt(block, key: key + [0], mode: .ecb)
        }
        #expect(throws: HostCryptoError.invalidLength) { try cipher.encrypt(block, key: key, mode: .cbc(iv: [])) }
        #expect(try cipher.encrypt([], key: key, mode: .ecb) == [])
    }
}

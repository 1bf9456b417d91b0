import HostCrypto
import Keys
import Testing

@Suite struct PublicKeyTests {
    private static let modulus = [0xC0] + [UInt8](repeating: 0x55, count: 255)
    private static let zeros = [UInt8](repeating: 0, count: 32)

    @Test(
        "A key that is none is an error, for every operation",
        arguments: [
            PublicKey.rsa(modulus: modulus.dropLast() + [2], publicExponent: [1, 0, 1]),
            .rsa(modulus: modulus, publicExponent: [1]),
            .rsa(modulus: modulus, publicExponent: [2]),
            .rsa(modulus: modulus, publicExponent: []),
            .rsa(modulus: modulus, publicExponent: modulus),
            .rsa(modulus: [], publicExponent: [3]),
            .rsa(modulus: [1], publicExponent: [3]),
            .rsa(modulus: [UInt8](repeating: 0xFF, count: 1 << 16), publicExponent: [3]),
            .rsa(modulus: [UInt8](repeating: 0xFF, count: 512), publicExponent: [UInt8](repeating: 0xFF, count: 9)),
            .ec(.p256, point: []),
            .ec(.p256, point: [0]),
            .ec(.p256, point: [4] + zeros + zeros),
            .ec(.p256, point: [4] + zeros),
            .ec(.p521, point: [4] + zeros + zeros),
            .edwards(.ed25519, []),
            .edwards(.ed25519, zeros + [0]),
            .edwards(.ed448, zeros),
            .montgomery(.x25519, [1]),
            .montgomery(.x448, zeros),
        ])
    func invalid(key: PublicKey) throws {
        #expect(throws: HostCryptoError.invalidKey) { try key.validate() }
        #expect(throws: HostCryptoError.self) { try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo) }
        let signature = [UInt8](repeating: 1, count: 256)
        #expect((try? key.verifyPKCS1(signature, data: [1])) != true)
        #expect((try? key.verifyPSS(signature, hash: Self.zeros, parameters: PSSParameters(digest: .sha256))) != true)
        #expect((try? key.verifyEdDSA(signature, message: [1])) != true)
        #expect((try? key.encryptPKCS1([1])) == nil)
        if let signature = try? ECDSASignature(fixedWidth: Self.zeros + Self.zeros, fieldSize: 32) {
            #expect((try? key.verifyECDSA(signature, hash: Self.zeros)) != true)
        }
    }

    @Test("A compressed point is read as the point itself", arguments: Curve.allCases)
    func compressed(curve: Curve) throws {
        guard case .ec(_, let point) = try PrivateKey.generate(.ec(curve)).publicKey else { return }
        let isOdd = (point.last ?? 0) & 1
        let compressed = [2 | isOdd] + point[1...curve.fieldSize]
        #expect(try curve.uncompressed(compressed) == point)
        #expect(Curve(oid: curve.oid) == curve)
    }

    @Test("An operation that a key's type has not is unsupported")
    func unsupported() throws {
        let (rsa, edwards) = (
            PublicKey.rsa(modulus: Self.modulus, publicExponent: [3]), PublicKey.edwards(.ed25519, Self.zeros)
        )
        let signature = try ECDSASignature(fixedWidth: Self.zeros + Self.zeros, fieldSize: 32)
        #expect(throws: HostCryptoError.unsupported) { try rsa.verifyECDSA(signature, hash: [1]) }
        #expect(throws: HostCryptoError.unsupported) { try rsa.verifyEdDSA([], message: []) }
        #expect(throws: HostCryptoError.unsupported) { try edwards.verifyPKCS1([], data: []) }
        #expect(throws: HostCryptoError.unsupported) { try edwards.encryptPKCS1([]) }
        #expect(throws: HostCryptoError.unsupported) { try edwards.rsaPublicOperation([]) }
    }

    @Test("A SubjectPublicKeyInfo that is cut, longer or flipped never traps", arguments: PrivateKeyTests.types)
    func brokenInfo(type: KeyType) throws {
        let der = try PrivateKey.generate(type).publicKey.subjectPublicKeyInfo
        for count in 0..<der.count {
            #expect(throws: HostCryptoError.malformed) { try PublicKey(subjectPublicKeyInfo: Array(der.prefix(count))) }
        }
        #expect(throws: HostCryptoError.malformed) { try PublicKey(subjectPublicKeyInfo: der + [0]) }
        for index in der.indices {
            for flip in [0x01, 0x80, 0xFF] as [UInt8] {
                var broken = der
                broken[index] ^= flip
                // Either it is refused, or it is another key, which is written as it was read.
                guard let key = try? PublicKey(subjectPublicKeyInfo: broken) else { continue }
                #expect(key.subjectPublicKeyInfo.count <= der.count)
                _ = try? key.verifyPKCS1(der, data: [])
                _ = try? key.verifyEdDSA(der, message: [])
            }
        }
    }
}

@Suite struct ECDSASignatureTests {
    @Test(
        "DER that is not the one form of the number is refused",
        arguments: [
            "", "30", "3006", "3006020101", "3006020101020101ff", "30060201010201", "3007020101020100ff",
            "3006020181020101", "300702020001020101", "30080202008102020001", "3081060201010201ff",
            "3080020101020101 0000",
            "300502010102 00", "3106020101020101", "3006030101020101", "30060201010301 01",
            "30 84 00000006 020101 020101",
            "300a 0205 0100000000 020101", "3009020101020101020101", "308106020101020101",
            "3007028101 01020101", "30820006020101020101",
        ])
    func malformed(hex: String) {
        #expect(throws: HostCryptoError.malformed) { try ECDSASignature(der: bytes(hex: hex), fieldSize: 4) }
    }

    @Test(arguments: [
        ("3006020101020102", "0000000100000002"),
        ("30080202008002020081", "0000008000000081"),
        ("300e02050080000000020500ffffffff", "80000000ffffffff"),
        ("3006020100020100", "0000000000000000"),
    ])
    func forms(der: String, fixedWidth: String) throws {
        let signature = try ECDSASignature(der: bytes(hex: der), fieldSize: 4)
        #expect(signature.fixedWidth == bytes(hex: fixedWidth))
        #expect(signature.der == bytes(hex: der))
    }

    @Test("Wrong lengths are refused", arguments: [Int.min, -1, 0, 1, 3, 5, 129, Int.max])
    func lengths(fieldSize: Int) {
        #expect(throws: HostCryptoError.invalidLength) {
            try ECDSASignature(fixedWidth: [UInt8](repeating: 1, count: 8), fieldSize: fieldSize)
        }
    }

    @Test("Flips and cuts of a signature never trap, and never verify")
    func broken() throws {
        let key = try PrivateKey.generate(.ec(.p384))
        let hash = try Digest.sha384.hash([1, 2, 3])
        let der = try key.signECDSA(hash: hash)
        #expect(try key.publicKey.verifyECDSA(ECDSASignature(der: der, fieldSize: 48), hash: hash))
        for index in der.indices {
            #expect((try? ECDSASignature(der: Array(der.prefix(index)), fieldSize: 48)) == nil)
            for bit in 0..<8 {
                var broken = der
                broken[index] ^= 1 << UInt8(bit)
                guard let signature = try? ECDSASignature(der: broken, fieldSize: 48) else { continue }
                #expect(try !key.publicKey.verifyECDSA(signature, hash: hash))
            }
        }
    }
}

import HostCrypto
import Keys
import Testing

/// Keys and signatures written in other ways than this package writes them. The writers are openssl and, byte by byte, the
/// standards.
@Suite struct LenientKeyTests {
    private static func subjectPublicKeyInfo(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        func element(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
            let count = value.count
            let length: [UInt8] =
                count < 0x80
                ? [UInt8(count)]
                : count < 0x100 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            return [tag] + length + value
        }
        return element(0x30, element(0x30, algorithm) + element(0x03, [0] + key))
    }

    @Test(
        "A curve given by its numbers is that curve", arguments: Curve.allCases,
        ["uncompressed", "compressed", "hybrid"])
    func explicit(_ curve: Curve, _ form: String) throws {
        let key = try PrivateKey.generate(.ec(curve))
        let written = try OpenSSLTool.run([
            "ec", "-inform", "DER", "-in", key.pkcs8(), "-pubout", "-outform", "DER", "-param_enc", "explicit",
            "-conv_form", form,
        ]).output
        #expect(written.count > key.publicKey.subjectPublicKeyInfo.count + 100)
        #expect(try PublicKey(subjectPublicKeyInfo: written) == key.publicKey)
    }

    @Test(
        "A point in compressed or hybrid form is the point", arguments: [Curve.p256, .p521], ["compressed", "hybrid"])
    func forms(_ curve: Curve, _ form: String) throws {
        let key = try PrivateKey.generate(.ec(curve))
        let written = try OpenSSLTool.run([
            "ec", "-inform", "DER", "-in", key.pkcs8(), "-pubout", "-outform", "DER", "-conv_form", form,
        ]).output
        #expect(try PublicKey(subjectPublicKeyInfo: written) == key.publicKey)
    }

    @Test("Numbers that are not exactly a known curve's are no curve")
    func otherNumbers() throws {
        let key = try PrivateKey.generate(.ec(.p256))
        let written = try OpenSSLTool.run([
            "ec", "-inform", "DER", "-in", key.pkcs8(), "-pubout", "-outform", "DER", "-param_enc", "explicit",
        ]).output
        // b of P-256 (SEC 2, section 2.4.2), a with its last bit flipped, the generator and the order.
        for part in ["fffffffffffffffffffffffc", "5ac635d8aa3a93e7", "6b17d1f2e12c4247", "bce6faada7179e84", "1f7b"] {
            let wanted = bytes(hex: part)
            guard let start = written.indices.first(where: { written[$0...].starts(with: wanted) }) else { continue }
            var changed = written
            changed[start + wanted.count - 1] ^= 1
            #expect((try? PublicKey(subjectPublicKeyInfo: changed)) == nil, "\(part)")
        }
        for count in 0..<written.count {
            #expect((try? PublicKey(subjectPublicKeyInfo: Array(written.prefix(count)))) == nil)
        }
    }

    @Test("An RSA key of id-RSASSA-PSS is the RSA key")
    func pss() throws {
        let der = try OpenSSLTool.run([
            "genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt",
            "rsa_pss_keygen_md:sha256",
            "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha256", "-outform", "DER",
        ]).output
        let written = try OpenSSLTool.run(["pkey", "-inform", "DER", "-in", der, "-pubout", "-outform", "DER"]).output
        let told = try OpenSSLTool.run(["pkey", "-inform", "DER", "-in", der, "-noout", "-text"]).text
        guard case .rsa(let modulus, let exponent) = try PublicKey(subjectPublicKeyInfo: written) else {
            Issue.record("no RSA key")
            return
        }
        #expect(exponent == [1, 0, 1])
        let digits = told.split(separator: "modulus:")[1].split(separator: "publicExponent")[0]
        #expect(bytes(hex: String(digits)).drop { $0 == 0 } == modulus[...])
    }

    @Test(
        "Other identifiers and numbers of the same RSA key",
        arguments: [
            // rsaEncryption without NULL; id-RSAES-OAEP; id-ea-rsa with a key size.
            "06092a864886f70d010101", "06092a864886f70d010107", "0604550801010202 0800",
        ])
    func rsa(_ algorithm: String) throws {
        let key = try PrivateKey.generate(.rsa(bits: 1024)).publicKey
        guard case .rsa(let modulus, _) = key else { return }
        func sequence(_ zeros: Int) -> [UInt8] {
            let count = modulus.count + zeros
            let number = [0x02, 0x81, UInt8(count)] + [UInt8](repeating: 0, count: zeros) + modulus
            return [0x30, 0x81, UInt8(number.count + 5)] + number + [0x02, 0x03, 0x01, 0x00, 0x01]
        }
        for zeros in 1...3 {
            let written = Self.subjectPublicKeyInfo(bytes(hex: algorithm), sequence(zeros))
            #expect(try PublicKey(subjectPublicKeyInfo: written) == key, "\(zeros) zeros")
        }
    }

    @Test(
        "Edwards and Montgomery keys by other identifiers, with NULL, and with OpenPGP's 40",
        arguments: [
            (KeyType.ed25519, "06092b06010401da470f01"), (.x25519, "060a2b060104019755010501"),
            (.ed25519, "06032b65700500"),
            (.x448, "06032b656f0500"),
            // id-ecPublicKey and the curve's own identifier.
            (.ed25519, "06072a8648ce3d0201 06032b6570"), (.x25519, "06072a8648ce3d0201 060a2b060104019755010501"),
        ])
    func octets(_ type: KeyType, _ algorithm: String) throws {
        let key = try PrivateKey.generate(type).publicKey
        for prefix in [[], [0x40]] as [[UInt8]] {
            let written = Self.subjectPublicKeyInfo(bytes(hex: algorithm), prefix + key.octets)
            #expect(try PublicKey(subjectPublicKeyInfo: written) == key)
        }
    }

    @Test("id-ecDH and id-ecMQV are EC keys", arguments: ["2b8104010c", "2b8104010d"])
    func agreementKeys(_ identifier: String) throws {
        let key = try PrivateKey.generate(.ec(.p256)).publicKey
        let written = Self.subjectPublicKeyInfo([0x06, 0x05] + bytes(hex: identifier) + Curve.p256.oid, key.octets)
        #expect(try PublicKey(subjectPublicKeyInfo: written) == key)
    }

    @Test(
        "A certificate ends where it ends",
        arguments: [[0x00], [0xFF, 0xFF], [UInt8](repeating: 0, count: 512), [0x30, 0x82]])
    func leading(_ rest: [UInt8]) throws {
        let key = try PrivateKey.generate(.ec(.p256))
        let der = try OpenSSLTool.run([
            "req", "-x509", "-new", "-keyform", "DER", "-key", key.pkcs8(), "-subj", "/CN=A", "-outform", "DER",
        ]).output
        let certificate = try Certificate(leading: der + rest)
        #expect(certificate.der == der && certificate.publicKey == key.publicKey)
        #expect(throws: HostCryptoError.malformed) { try Certificate(der: der + rest) }
        for count in 0..<der.count { #expect((try? Certificate(leading: Array(der.prefix(count)))) == nil) }
    }

    @Test(
        "Halves of a signature with zeros that do not count",
        arguments: [
            ("0102", 4, "0000000100000002"), ("0000000001" + "0080000000", 4, "0000000180000000"),
            ("00000000" + "00000000", 2, "00000000"), ("000000000000000001" + "000000000000000002", 1, "0102"),
        ])
    func halves(_ written: String, _ fieldSize: Int, _ expected: String) throws {
        #expect(
            try ECDSASignature(halves: bytes(hex: written), fieldSize: fieldSize).fixedWidth == bytes(hex: expected))
    }

    @Test(
        "What is no pair of halves is refused",
        arguments: [
            ("", 4), ("01", 4), ("010203", 4), ("0100000000" + "0000000001", 4), ("01", 0), ("0101", 129),
        ])
    func noHalves(_ written: String, _ fieldSize: Int) {
        #expect(throws: HostCryptoError.invalidLength) {
            try ECDSASignature(halves: bytes(hex: written), fieldSize: fieldSize)
        }
    }

    @Test(
        "A signature's DER with zeros, without them, and with bytes behind it",
        arguments: [
            ("3008 0202 0001 0202 0002", "0000000100000002"), ("3006 0201 80 0201 ff", "00000080000000ff"),
            ("300c 0205 00ffffffff 0203 000001", "ffffffff00000001"), ("3006 020101 020102 0000", "0000000100000002"),
            ("3006 020101 020102 9000", "0000000100000002"), ("3008 0202 0000 0202 0001", "0000000000000001"),
        ])
    func lenientDER(_ written: String, _ expected: String) throws {
        #expect(try ECDSASignature(lenientDER: bytes(hex: written), fieldSize: 4).fixedWidth == bytes(hex: expected))
    }

    @Test(
        "What is no signature's DER is refused", arguments: ["", "30", "3003020101", "31060201010201 01", "3006 0205"])
    func noDER(_ written: String) {
        #expect(throws: HostCryptoError.self) { try ECDSASignature(lenientDER: bytes(hex: written), fieldSize: 4) }
    }
}

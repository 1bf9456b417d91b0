import Certificates
import HostCrypto
import Keys
import Testing

@Suite struct CertificateTests {
    private static let builder = CertificateBuilder(
        subject: "Grüße, martlet", issuer: "An issuer", serialNumber: [0x00, 0x8F, 0x01],
        notBefore: CalendarTime(year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5),
        notAfter: CalendarTime(year: 2050, month: 12, day: 31, hour: 23, minute: 59, second: 58))

    @Test(
        "openssl verifies and shows what the builder wrote; the parser reads it",
        arguments: [
            KeyType.rsa(bits: 2048), .ec(.p256), .ec(.p384), .ec(.p521), .ec(.brainpoolP512r1), .ed25519, .ed448,
        ])
    func built(type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        var builder = Self.builder
        builder.issuer = nil
        let der = try builder.selfSigned(by: key)
        let pem = try OpenSSLTool.run(["x509", "-inform", "DER", "-in", der]).output
        let verified = try OpenSSLTool.run(["verify", "-check_ss_sig", "-CAfile", pem, "-partial_chain", pem])
        #expect(verified.text.hasSuffix(": OK\n"))
        let shown = try OpenSSLTool.run([
            "x509", "-inform", "DER", "-in", der, "-noout", "-serial", "-startdate", "-enddate", "-subject",
            "-nameopt", "utf8,sname",
        ])
        #expect(
            shown.text == """
                serial=8F01
                notBefore=Jan  2 03:04:05 2026 GMT
                notAfter=Dec 31 23:59:58 2050 GMT
                subject=CN=Grüße, martlet

                """)
        let certificate = try Certificate(der: der)
        #expect(certificate.der == der)
        #expect(certificate.publicKey == key.publicKey)
        #expect(certificate.subjectPublicKeyInfo == key.publicKey.subjectPublicKeyInfo)
        #expect(certificate.commonName == "Grüße, martlet")
        #expect(certificate.serialNumber == [2, 3, 0, 0x8F, 1])
        #expect(certificate.notBefore == builder.notBefore)
        #expect(certificate.notAfter == builder.notAfter)
        #expect(certificate.subject == certificate.issuer)
    }

    @Test("A certificate over another key, as an attestation is, with extensions")
    func attestation() throws {
        let (issuer, key) = (try PrivateKey.generate(.rsa(bits: 2048)), try PrivateKey.generate(.x25519))
        var builder = Self.builder
        // 1.3.6.1.4.1.41482.3.3: YubiKey firmware version, three bytes.
        let identifier = bytes(hex: "2b060104 0182c40a 0303")
        builder.extensions = [.init(identifier: identifier, value: [5, 7, 1])]
        let der = try builder.signed(by: issuer, publicKey: key.publicKey)
        let certificate = try Certificate(der: der)
        #expect(certificate.publicKey == key.publicKey)
        #expect(certificate.subject != certificate.issuer)
        let shown = try OpenSSLTool.run([
            "x509", "-inform", "DER", "-in", der, "-noout", "-text",
        ])
        #expect(shown.text.contains("1.3.6.1.4.1.41482.3.3"))
        #expect(throws: HostCryptoError.unsupported) { try builder.selfSigned(by: key) }
    }

    @Test("A certificate that openssl issued is read as openssl shows it")
    func issuedOutside() throws {
        let key = try PrivateKey.generate(.ec(.p256))
        let der = try OpenSSLTool.run([
            "req", "-x509", "-new", "-keyform", "DER", "-key", key.pkcs8(), "-utf8", "-subj",
            "/C=DE/O=Martlet/CN=Ärger/CN=B",
            "-days", "30", "-set_serial", "-129", "-outform", "DER",
        ]).output
        let certificate = try Certificate(der: der)
        #expect(certificate.commonName == "Ärger")
        #expect(certificate.publicKey == key.publicKey)
        #expect(certificate.serialNumber == [2, 2, 0xFF, 0x7F])
        #expect(certificate.notBefore != nil)
        let name = try OpenSSLTool.run(["asn1parse", "-inform", "DER", "-in", certificate.subject])
        #expect(name.text.contains("Martlet"))
    }

    @Test("Times and serial numbers that a certificate cannot hold are refused")
    func misfits() throws {
        let key = try PrivateKey.generate(.ec(.p256))
        for year in [Int.min, -1, 0, 1949, 10000, Int.max] {
            var builder = Self.builder
            builder.notAfter = CalendarTime(year: year, month: 1, day: 1)
            #expect(throws: HostCryptoError.invalidLength) { try builder.selfSigned(by: key) }
        }
        var builder = Self.builder
        builder.serialNumber = [UInt8](repeating: 1, count: 21)
        #expect(throws: HostCryptoError.invalidLength) { try builder.selfSigned(by: key) }
    }

    @Test(
        "Cut, lengthened and flipped certificates never trap",
        arguments: [KeyType.rsa(bits: 1024), .ec(.p256), .ed25519])
    func broken(type: KeyType) throws {
        let der = try Self.builder.selfSigned(by: PrivateKey.generate(type))
        for count in 0..<der.count {
            #expect(throws: HostCryptoError.malformed) { try Certificate(der: Array(der.prefix(count))) }
        }
        #expect(throws: HostCryptoError.malformed) { try Certificate(der: der + [0]) }
        #expect(throws: HostCryptoError.limitExceeded) {
            try Certificate(der: der + [UInt8](repeating: 0, count: Certificate.maximumCount))
        }
        for index in der.indices {
            for flip in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
                var broken = der
                broken[index] ^= flip
                guard let certificate = try? Certificate(der: broken) else { continue }
                #expect(certificate.der == broken)
            }
        }
    }
}

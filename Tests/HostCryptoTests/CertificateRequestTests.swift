import Certificates
import HostCrypto
import Keys
import Testing

@Suite struct CertificateRequestTests {
    @Test(
        "openssl verifies requests of keys that only sign",
        arguments: [KeyType.rsa(bits: 2048), .ec(.p256), .ec(.p384), .ec(.p521), .ed25519, .ed448])
    func request(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        let request = try CertificateRequest.unsigned(
            subject: DistinguishedName(text: "CN=Jane,O=Example"), publicKey: key.publicKey)
        let signature = try Self.sign(request, key)
        let told = try OpenSSLTool.run([
            "req", "-inform", "DER", "-in", request.with(signature: signature), "-verify", "-noout", "-subject",
            "-nameopt", "RFC2253",
        ])
        #expect(told.text == "subject=CN=Jane,O=Example\n")
    }

    private static func sign(_ document: UnsignedDocument, _ key: PrivateKey) throws -> [UInt8] {
        guard let digest = document.algorithm.digest else { return try key.signEdDSA(document.message) }
        let hash = try digest.hash(document.message)
        guard case .rsa(let bits) = key.type else { return try key.signECDSA(hash: hash) }
        return try key.rsaPrivateOperation(RSAPadding.pkcs1Signature(ofHash: hash, digest: digest, count: bits / 8))
    }

    @Test("A key that cannot sign makes no certificate request", arguments: [KeyType.x25519, .x448])
    func unsupported(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type).publicKey
        #expect(throws: HostCryptoError.unsupported) {
            try CertificateRequest.unsigned(subject: "Jane", publicKey: key)
        }
    }

    /// A certificate with a subject, and the text of the subject as RFC 4514 has it.
    private static func certificate(_ subject: DistinguishedName) throws -> Certificate {
        let time = CalendarTime(year: 2026, month: 1, day: 1)
        let builder = CertificateBuilder(subject: subject, serialNumber: [1], notBefore: time, notAfter: time)
        return try Certificate(der: builder.selfSigned(by: PrivateKey.generate(.ec(.p256))))
    }

    @Test(
        "Names are read and shown as RFC 4514 writes them",
        arguments: [
            ("Jane Doe", "CN=Jane Doe"), ("CN=Jane Doe", "CN=Jane Doe"), (" cn = Jane , o = X ", "CN=Jane,O=X"),
            ("CN=Jane,OU=Unit,O=Example,C=DE", "CN=Jane,OU=Unit,O=Example,C=DE"),
            (#"CN=Doe\, Jane,O=A\=B\\C"#, #"CN=Doe\, Jane,O=A=B\\C"#),
            ("UID=jd,DC=example,DC=org", "UID=jd,DC=example,DC=org"),
            ("emailAddress=j@example.org,CN=Grüße,L=Köln", "emailAddress=j@example.org,CN=Grüße,L=Köln"),
            ("serialNumber=42,SN=Doe,GN=Jane,title=Dr,ST=B", "serialNumber=42,SN=Doe,GN=Jane,title=Dr,ST=B"),
        ])
    func names(_ text: String, _ expected: String) throws {
        let certificate = try Self.certificate(DistinguishedName(text: text))
        #expect(NameText.text(of: certificate.subject) == expected)
        let told = try OpenSSLTool.run([
            "x509", "-inform", "DER", "-in", certificate.der, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb",
        ])
        #expect(told.text == "subject=\(expected)\n")
    }

    @Test("Strings have the types that RFC 5280 prescribes")
    func stringTypes() throws {
        let subject = try Self.certificate(DistinguishedName(text: "CN=J,C=DE,emailAddress=j@x")).subject
        let told = try OpenSSLTool.run(["asn1parse", "-inform", "DER", "-in", subject]).text
        for (type, value) in [("UTF8STRING", "J"), ("PRINTABLESTRING", "DE"), ("IA5STRING", "j@x")] {
            #expect(told.split(separator: "\n").contains { $0.contains(type) && $0.hasSuffix(":\(value)") }, "\(told)")
        }
    }

    @Test(
        "What is no name is refused",
        arguments: [
            ("", .invalidValue(.commonName, "")), ("CN=", .invalidValue(.commonName, "")),
            ("C=Germany", .invalidValue(.country, "Germany")), ("C=Ü1", .invalidValue(.country, "Ü1")),
            ("emailAddress=jürgen@x", .invalidValue(.emailAddress, "jürgen@x")), ("X=1", .unknownType("X")),
            ("CN=a,b", .malformed("b")), (#"CN\=a,O=x"#, .malformed("CN=a")),
            (
                "CN=" + String(repeating: "a", count: 65),
                .invalidValue(.commonName, String(repeating: "a", count: 65))
            ),
        ] as [(String, DistinguishedName.TextError)])
    func malformed(_ text: String, _ error: DistinguishedName.TextError) {
        #expect(throws: error) { try DistinguishedName(text: text) }
    }

    @Test(
        "Bytes that are no Name in DER have no text",
        arguments: [[], [0x30], [0x04, 0x00], [0x30, 0x02, 0x31, 0x80]])
    func malformedNameHasNoText(_ der: [UInt8]) {
        #expect(NameText.text(of: der) == nil)
    }
}

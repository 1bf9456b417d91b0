import TestSupport
import Testing

/// OpenSSL with the engine of `libengine-pkcs11-openssl`.
@Suite(.unless(missing: OpenSSLEngine.missing))
struct OpenSSLEngineTests {
    private func with(_ card: TestedCard) throws -> (Workbench, OpenSSLEngine) {
        let bench = try Workbench(card)
        return (bench, OpenSSLEngine(world: bench.world, module: bench.tool.module))
    }

    @Test("dgst signs, and verifies by the token's public key", arguments: TestedCard.usual, ["rsa2048", "p256"])
    func dgst(_ card: TestedCard, _ kind: String) throws {
        let (bench, engine) = try with(card), key = try card.signer(kind)
        let message = try bench.world.home.write("message", to: "message")
        for digest in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
            let uri = ["-keyform", "engine", "-\(digest)"]
            try engine.run("dgst", uri + ["-sign", bench.uri(key), "-out", "signature", message]).checked()
            let check = ["dgst", "-\(digest)", "-verify", try bench.certificate(key).publicKey()]
            try bench.world.run(["openssl"] + check + ["-signature", "signature", message]).checked()
        }
    }

    @Test("req makes a self-signed certificate", arguments: TestedCard.usual, ["rsa2048", "p256"])
    func req(_ card: TestedCard, _ kind: String) throws {
        let (bench, engine) = try with(card), file = bench.world.home.file("self-signed.pem")
        try engine.run(
            "req",
            ["-keyform", "engine", "-key", bench.uri(card.signer(kind)), "-new", "-x509", "-subj", "/CN=self"]
                + ["-out", file]
        ).checked()
        try Tool.run("openssl", "verify", "-check_ss_sig", "-CAfile", file, file).checked()
    }

    @Test("cms signs and decrypts", arguments: TestedCard.usual)
    func cms(_ card: TestedCard) throws {
        let (bench, engine) = try with(card), home = bench.world.home
        let message = try home.write("message", to: "message")
        for kind in ["rsa2048", "p256"] {
            let key = try card.signer(kind), certificate = try bench.certificate(key), signed = home.newFile("signed")
            try engine.run(
                "cms",
                ["-sign", "-binary", "-nodetach", "-keyform", "engine", "-inkey", bench.uri(key), "-in", message]
                    + ["-signer", certificate.pem(), "-outform", "DER", "-out", signed]
            ).checked()
            #expect(try certificate.verifyMessage(signed))
        }
        let key = try card.decrypter, certificate = try bench.certificate(key), enveloped = home.file("enveloped")
        try certificate.encryptMessage(message, to: enveloped)
        let plain = try engine.run(
            "cms",
            ["-decrypt", "-keyform", "engine", "-inkey", bench.uri(key), "-recip", certificate.pem()]
                + ["-inform", "DER", "-in", enveloped])
        #expect(plain.succeeded && plain.text == "message", "\(plain)")
    }

    @Test("s_client shows the card's certificate", arguments: TestedCard.usual, TLSSignature.all)
    func sClient(_ card: TestedCard, _ signature: TLSSignature) throws {
        try card.skip(signature)
        let (bench, engine) = try with(card), key = try card.signer(signature.kind)
        let certificate = try bench.certificate(key).pem()
        let server = try TLSServer(bench.world, trusting: certificate, signature.options)
        let page = try engine.run(
            "s_client",
            ["-connect", "localhost:\(TLSServer.port)", "-quiet", "-verify_return_error", "-CAfile"]
                + [server.certificate, "-keyform", "engine", "-key", bench.uri(key), "-cert", certificate],
            input: Array("GET / HTTP/1.0\r\n\r\n".utf8))
        #expect(try page.text.contains(Certificate.text(ofPEM: certificate)), "\(page)")
    }
}

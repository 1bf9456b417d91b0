import TestSupport
import Testing

/// What a person has OpenSSL do with a card's key; OpenSSL without the card judges it.
extension OpenSSLWithCard {
    /// `dgst` signs a file.
    func signDigests(_ key: TestedCard.Key, at bench: Workbench) throws {
        let message = try world.home.write("message", to: "message")
        for digest in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
            let sign = keyForm + ["-\(digest)", "-sign", bench.uri(key), "-out", "signature", message]
            try run("dgst", sign).checked()
            let check = ["dgst", "-\(digest)", "-verify", try bench.certificate(key).publicKey()]
            try world.run(["openssl"] + check + ["-signature", "signature", message]).checked()
        }
    }

    /// `req` makes a certificate request.
    func makeRequest(_ key: TestedCard.Key, at bench: Workbench) throws {
        let file = world.home.newFile("request.pem")
        try run("req", keyForm + ["-key", bench.uri(key), "-new", "-subj", "/CN=card", "-out", file]).checked()
        try Tool.run("openssl", "req", "-verify", "-noout", "-in", file).checked()
    }

    /// `req` makes a self-signed certificate.
    func makeCertificate(_ key: TestedCard.Key, at bench: Workbench) throws {
        let file = world.home.newFile("self-signed.pem")
        try run("req", keyForm + ["-key", bench.uri(key), "-new", "-x509", "-subj", "/CN=self", "-out", file]).checked()
        try Tool.run("openssl", "verify", "-check_ss_sig", "-CAfile", file, file).checked()
    }

    /// `cms` signs a message.
    func signMessage(_ key: TestedCard.Key, at bench: Workbench) throws {
        let message = try world.home.write("message", to: "message")
        let certificate = try bench.certificate(key), signed = world.home.newFile("signed")
        try run(
            "cms",
            ["-sign", "-binary", "-nodetach"] + keyForm + ["-inkey", bench.uri(key), "-in", message]
                + ["-signer", certificate.pem(), "-outform", "DER", "-out", signed]
        ).checked()
        #expect(try certificate.verifyMessage(signed))
    }

    /// `cms` decrypts a message.
    func decryptMessage(_ key: TestedCard.Key, at bench: Workbench) throws {
        let message = try world.home.write("message", to: "message")
        let certificate = try bench.certificate(key), enveloped = world.home.newFile("enveloped")
        try certificate.encryptMessage(message, to: enveloped)
        let plain = try run(
            "cms",
            ["-decrypt"] + keyForm + ["-inkey", bench.uri(key), "-recip", certificate.pem()]
                + ["-inform", "DER", "-in", enveloped])
        #expect(plain.succeeded && plain.text == "message", "\(plain)")
    }

    /// `s_client` shows a server the card's certificate, and signs as the server demands.
    func showCertificate(_ signature: TLSSignature, of card: TestedCard, at bench: Workbench) throws {
        let key = try card.signer(signature.kind), certificate = try bench.certificate(key).pem()
        let server = try TLSServer(world, trusting: certificate, signature.options)
        let page = try run(
            "s_client",
            [
                "-connect", "localhost:\(TLSServer.port)", "-quiet", "-verify_return_error", "-CAfile",
                server.certificate,
            ]
                + keyForm + ["-key", bench.uri(key), "-cert", certificate],
            input: Array("GET / HTTP/1.0\r\n\r\n".utf8))
        #expect(try page.text.contains(Certificate.text(ofPEM: certificate)), "\(page)")
    }
}

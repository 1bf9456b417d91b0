import TestSupport
import Testing

/// OpenSSL 3.5 with `pkcs11-provider`, as Debian 13 has them: what OpenSSL's engine did, and what that never could.
@Suite(.unless(missing: OpenSSLProvider.missing))
struct OpenSSLProviderTests {
    /// The usual cards, and kinds of keys that the engine does not know.
    private static let cards =
        TestedCard.usual + [
            TestedCard.piv(["ed25519", "p384", "rsa3072", "p256"]),
            TestedCard.openPGP(
                "openpgp34", signature: "ed448", decryption: "rsa3072", authentication: "brainpoolp256r1"),
        ]

    private func with(_ card: TestedCard) throws -> (Workbench, OpenSSLProvider) {
        let bench = try Workbench(card)
        return (bench, try OpenSSLProvider(world: bench.world, module: bench.tool.module))
    }

    @Test("dgst signs", arguments: TestedCard.usual, ["rsa2048", "p256"])
    func dgst(_ card: TestedCard, _ kind: String) throws {
        let (bench, provider) = try with(card)
        try provider.signDigests(card.signer(kind), at: bench)
    }

    @Test("storeutl lists the certificates", arguments: cards)
    func storeutl(_ card: TestedCard) throws {
        let (bench, provider) = try with(card)
        let listed = try provider.run("storeutl", ["-certs", bench.tokenURI + ";type=cert"]).checked().text
        for key in card.keys {
            #expect(try listed.contains(Certificate.text(ofPEM: bench.certificate(key).pem())), "\(key.id): \(listed)")
        }
    }

    @Test("req makes requests and certificates with each key that signs", arguments: cards)
    func req(_ card: TestedCard) throws {
        let (bench, provider) = try with(card)
        for key in card.keys where key.signs {
            try provider.makeRequest(key, at: bench)
            try provider.makeCertificate(key, at: bench)
        }
    }

    @Test("cms signs and decrypts", arguments: TestedCard.usual)
    func cms(_ card: TestedCard) throws {
        let (bench, provider) = try with(card)
        for kind in ["rsa2048", "p256"] { try provider.signMessage(card.signer(kind), at: bench) }
        for key in card.keys where key.decrypts { try provider.decryptMessage(key, at: bench) }
    }

    @Test("s_client shows the card's certificate", arguments: TestedCard.usual, TLSSignature.all)
    func sClient(_ card: TestedCard, _ signature: TLSSignature) throws {
        try card.skip(signature)
        let (bench, provider) = try with(card)
        try provider.showCertificate(signature, of: card, at: bench)
    }

    /// How a server's key on a card signs in a handshake.
    static let handshakes: [(version: String, kind: String, signs: String)] = [
        ("-tls1_3", "rsa2048", "rsa_pss_rsae_sha256"), ("-tls1_3", "p256", "ecdsa_secp256r1_sha256"),
        ("-tls1_2", "rsa2048", "rsa_pss_rsae_sha256"), ("-tls1_2", "p256", "ecdsa_secp256r1_sha256"),
    ]

    @Test("s_server serves with the card's key", arguments: handshakes)
    func sServer(_ handshake: (version: String, kind: String, signs: String)) throws {
        let card = TestedCard.usual[0], (bench, provider) = try with(card)
        let key = try card.signer(handshake.kind), certificate = try bench.certificate(key).pem()
        try provider.start(
            "s_server",
            ["-accept", TLSServer.port, "-key", bench.uri(key), "-cert", certificate, "-www", handshake.version],
            log: "server.log")
        try TLSServer.awaitListening(bench.world)
        let seen = try bench.world.run(
            ["openssl", "s_client", "-connect", "localhost:\(TLSServer.port)", "-CAfile", certificate])
        #expect(seen.text.contains("Verification: OK"), "\(seen)")
        #expect(seen.text.contains("Peer signature type: \(handshake.signs)"), "\(seen)")
    }
}

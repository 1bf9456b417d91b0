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
        let (bench, engine) = try with(card)
        try engine.signDigests(card.signer(kind), at: bench)
    }

    @Test("req makes a self-signed certificate", arguments: TestedCard.usual, ["rsa2048", "p256"])
    func req(_ card: TestedCard, _ kind: String) throws {
        let (bench, engine) = try with(card)
        try engine.makeCertificate(card.signer(kind), at: bench)
    }

    @Test("cms signs and decrypts", arguments: TestedCard.usual)
    func cms(_ card: TestedCard) throws {
        let (bench, engine) = try with(card)
        for kind in ["rsa2048", "p256"] { try engine.signMessage(card.signer(kind), at: bench) }
        try engine.decryptMessage(card.decrypter, at: bench)
    }

    @Test("s_client shows the card's certificate", arguments: TestedCard.usual, TLSSignature.all)
    func sClient(_ card: TestedCard, _ signature: TLSSignature) throws {
        try card.skip(signature)
        let (bench, engine) = try with(card)
        try engine.showCertificate(signature, of: card, at: bench)
    }
}

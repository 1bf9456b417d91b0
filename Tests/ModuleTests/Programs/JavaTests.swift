import TestSupport
import Testing

/// Java's programs with SunPKCS11.
@Suite(.unless(missing: JavaTools.missing))
struct JavaTests {
    private func with(_ card: TestedCard) throws -> (Workbench, JavaTools) {
        let bench = try Workbench(card)
        return (bench, try JavaTools(world: bench.world, module: bench.tool.module, token: card.token))
    }

    @Test("keytool lists the keys", arguments: TestedCard.usual)
    func keytool(_ card: TestedCard) throws {
        let (_, java) = try with(card)
        let listed = try java.run("keytool", "-list").checked().text
        for key in card.keys { #expect(listed.contains("\(key.certificate), PrivateKeyEntry"), "\(listed)") }
    }

    @Test("jarsigner signs", arguments: TestedCard.usual, ["rsa2048", "p256"])
    func jarsigner(_ card: TestedCard, _ kind: String) throws {
        let (bench, java) = try with(card), key = try card.signer(kind)
        let jar = bench.world.home.file("signed.jar")
        try bench.world.run("jar", "--create", "--file", jar, "java.cfg").checked()
        try java.run("jarsigner", jar, key.certificate).checked()
        let verdict = try bench.world.run("jarsigner", "-verify", "-verbose", "-certs", jar).checked()
        #expect(verdict.text.contains(/jar verified/) && verdict.text.contains("sm"), "\(verdict)")
    }

    @Test("A TLS client shows the card's certificate", arguments: TestedCard.usual, TLSSignature.all)
    func tlsClient(_ card: TestedCard, _ signature: TLSSignature) throws {
        try card.skip(signature)
        let (bench, java) = try with(card)
        let certificate = try bench.certificate(card.signer(signature.kind)).pem()
        let server = try TLSServer(bench.world, trusting: certificate, signature.options)
        let page = try java.run(driver: "GetPage.java", "https://localhost:\(TLSServer.port)/", server.certificate)
        #expect(try page.text.contains(Certificate.text(ofPEM: certificate)), "\(page)")
    }
}

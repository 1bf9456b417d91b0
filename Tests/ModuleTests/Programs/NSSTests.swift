import Foundation
import TestSupport
import Testing

/// NSS's programs, and `pdfsig` of poppler, which signs with NSS.
@Suite(.unless(missing: NSSTools.missing))
struct NSSTests {
    private func with(_ card: TestedCard) throws -> (Workbench, NSSTools) {
        let bench = try Workbench(card)
        return (bench, try NSSTools(world: bench.world, module: bench.tool.module))
    }

    @Test("certutil lists certificates and keys", arguments: TestedCard.usual)
    func certutilLists(_ card: TestedCard) throws {
        let (_, tools) = try with(card)
        let certificates = try tools.run("certutil", "-L", "-h", "all").checked().lines
        for key in card.keys {
            let name = "\(card.token):\(key.certificate) "
            // "u": the key of the certificate is there too.
            #expect(certificates.contains { $0.hasPrefix(name) && $0.hasSuffix(" u,u,u") }, "\(certificates)")
        }
        let keys = try tools.run("certutil", "-K", "-h", card.token).checked().lines
        for key in card.keys {
            let kind = key.isRSA ? "rsa" : "ec"
            #expect(keys.contains { $0.contains(" \(kind) ") && $0.contains(" \(key.id) ") }, "\(keys)")
        }
    }

    @Test("certutil makes a certificate request", arguments: TestedCard.usual)
    func certutilRequests(_ card: TestedCard) throws {
        let (bench, tools) = try with(card), request = bench.world.home.file("request")
        try tools.run("certutil", "-R", "-h", card.token, "-k", "01", "-s", "CN=NSS", "-o", request).checked()
        try Tool.run("openssl", "req", "-inform", "DER", "-in", request, "-verify", "-noout").checked()
    }

    /// NSS names a key by an id of twenty bytes that it makes up, brings both halves, gives them the id and a label once more,
    /// and takes all back where one of these steps fails. What it makes has its certificate, and no key is left alone.
    @Test("certutil makes a key with its certificate, and pk12util brings one") func keysAreMadeAndBrought() throws {
        let world = try CardWorld(SimulatedCard.withProtectedManagementKey)
        let tools = try NSSTools(world: world, module: BuiltModule.path()), home = world.home
        let token = try #require(
            try world.run("pkcs11-tool", "--module", BuiltModule.path(), "-L").checked().text
                .firstMatch(of: /token label +: (.+)/)
        ).1
        func certified() throws -> [String] {
            let listed = try "\n" + world.run("pkcs11-tool", "--module", BuiltModule.path(), "-O").checked().text
            let ids = { (kind: String) in
                Set(
                    listed.components(separatedBy: "\n" + kind).dropFirst().compactMap {
                        $0.firstMatch(of: /ID: +(\w+)/)?.1
                    })
            }
            let keys = ids("Public Key Object")
            #expect(keys == ids("Certificate Object"), "a key without a certificate, or the other way round: \(listed)")
            return keys.map(String.init).sorted()
        }
        #expect(try certified().count == 4)
        try home.write(String(repeating: "some noise ", count: 20), to: "noise")
        try tools.run(
            "certutil", "-S", "-h", String(token), "-n", "made", "-s", "CN=made", "-x", "-t", "u,u,u", "-k", "ec", "-q",
            "nistp256", "-z", home.file("noise")
        ).checked()
        #expect(try certified().count == 5)
        for (number, algorithm) in ["rsa:2048", "ec"].enumerated() {
            let (key, certificate, pile) = (home.file("key.pem"), home.file("cert.pem"), home.file("key.p12"))
            try Tool.run(
                ["openssl", "req", "-x509", "-newkey", algorithm] + (algorithm == "ec" ? Self.curve : []) + [
                    "-nodes", "-subj", "/CN=brought\(number)", "-keyout", key, "-out", certificate,
                ]
            ).checked()
            try Tool.run([
                "openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-name", "brought", "-passout",
                "pass:word", "-out", pile,
            ]).checked()
            try world.run([
                "pk12util", "-i", pile, "-d", tools.database, "-h", String(token), "-W", "word", "-k", tools.pinFile,
            ]).checked()
            #expect(try certified().count == 6 + number)
        }
    }

    private static let curve = ["-pkeyopt", "ec_paramgen_curve:P-256"]

    /// Poppler 22.12 spoils signatures by EC keys of whatever module: it makes one to learn its length, and takes
    /// another.
    @Test(
        "pdfsig signs a document", .unless(missing: Tool.missing("pdfsig", package: "poppler-utils")),
        arguments: TestedCard.usual)
    func pdfsig(_ card: TestedCard) throws {
        let (bench, tools) = try with(card), home = bench.world.home
        let document = try home.write(emptyDocument(), to: "document.pdf"), signed = home.file("signed.pdf")
        let signer = "\(card.token):\(try card.signer("rsa2048").certificate)"
        try tools.pdfsig("-nick", signer, "-add-signature", document, signed).checked()
        let verdict = try tools.pdfsig(signed)
        #expect(verdict.text.contains("Signature is Valid."), "\(verdict)")
    }

    /// A PDF of one empty page.
    private func emptyDocument() -> String {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        ]
        var text = "%PDF-1.4\n", places = ""
        for (index, object) in objects.enumerated() {
            let offset = String(text.utf8.count)
            places += String(repeating: "0", count: 10 - offset.count) + "\(offset) 00000 n \n"
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let table = "xref\n0 4\n0000000000 65535 f \n\(places)trailer\n<</Size 4/Root 1 0 R>>\n"
        return text + table + "startxref\n\(text.utf8.count)\n%%EOF\n"
    }
}

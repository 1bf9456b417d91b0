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

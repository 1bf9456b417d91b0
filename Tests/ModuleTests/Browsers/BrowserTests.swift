import TestSupport
import Testing

/// Chromium shows a server the card's certificate. Its PIN dialogue tells no number of tries, for NSS knows none.
@Suite(.serialized, .unless(missing: Browser.missing))
struct BrowserTests {
    private struct Start {
        let bench: Workbench
        let browser: Browser
        var world: CardWorld { bench.world }

        init(_ signature: TLSSignature) throws {
            bench = try Workbench(TestedCard.usual[0])
            let certificate = try bench.certificate(bench.card.signer(signature.kind)).pem()
            browser = try Browser(
                bench.world, module: bench.tool.module, certificate: certificate, signature.options)
        }

        /// The commands that a page costs, and how often it asked for the PIN.
        func cost(_ name: String, pins: [String] = []) throws -> (commands: Int, prompts: Int) {
            var page: Browser.Page?
            let log = try world.apduLog { page = try browser.open(name, pins: pins) }
            let seen = try #require(page)
            #expect(seen.text.contains(browser.certificate), "\(name): \(seen)")
            return (log.count, seen.prompts.count)
        }
    }

    /// A further page costs two commands within five seconds; later the certificates are looked at anew.
    @Test(
        "A page asks for the PIN once, and the next one not",
        arguments: TLSSignature.all.filter { $0.kind == "rsa2048" })
    func pages(_ signature: TLSSignature) throws {
        let start = try Start(signature)
        let first = try start.cost("first", pins: [SimulatedCard.pin]), next = try start.cost("next")
        #expect(first.prompts == 1 && first.commands <= 17, "\(first)")
        #expect(next.prompts == 0 && next.commands <= 11, "\(next)")
    }

    @Test("A wrong PIN, another program and the card out and in") func oneDay() throws {
        let start = try Start(TLSSignature.all[1])
        let first = try start.cost("first", pins: ["654321", SimulatedCard.pin])
        #expect(first.prompts == 2 && first.commands <= 18, "\(first)")
        let tries = try start.world.apduLog().filter { $0.command[1] == 0x20 && $0.answer == [0x63, 0xC2] }
        #expect(tries.count == 1, "the wrong PIN was sent once")
        try start.world.run("opensc-tool", "--send-apdu", "00A4040008A000000527471117").checked()
        let after = try start.cost("after")
        #expect(after.prompts == 0 && after.commands <= 8, "\(after)")
        try start.world.pullCard()
        let without = try start.browser.open("without")
        #expect(without.prompts.isEmpty && !without.text.contains(start.browser.certificate), "\(without)")
        try start.world.putCardBack()
        let again = try start.cost("again", pins: [SimulatedCard.pin])
        #expect(again.prompts == 1 && again.commands <= 17, "\(again)")
    }
}

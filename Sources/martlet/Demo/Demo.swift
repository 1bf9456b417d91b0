import ArgumentParser
import CLibrary
import PKCS11Provider

/// Shows what the module makes of a card, by using it as any program would.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a card, sign with its keys, and tell how ssh uses them.",
        discussion: """
            With a card in a reader, that card is shown, and only read. Its PIN is asked for once, and tried once; \
            with an empty PIN nothing is signed. Without a card, a virtual one is shown: it is served to a real pcscd \
            that runs in namespaces of its own and leaves nothing behind.

            Example: martlet demo --virtual
            """)

    @Option(help: "The PKCS#11 module to use. The default is the one that belongs to this program.")
    var module: String?

    @Flag(help: "Show a virtual card also where a card is in a reader.")
    var virtual = false

    @Flag(help: .private)
    var inPrivateWorld = false

    func run() throws {
        let path = try Companions.module(named: module)
        if inPrivateWorld { return try showVirtualCard(path) }
        if !virtual {
            let provider = try Provider(path: path)
            let slots = try provider.slots(withToken: true)
            if !slots.isEmpty { return try show(slots, provider, pin: .terminal) }
            provider.finalize()
            Page().line("No card is in a reader of a running pcscd: here is a virtual one.")
        }
        try PrivateWorld.enter(module: path, card: Companions.virtualCard())
    }

    private func showVirtualCard(_ path: String) throws {
        let provider = try Provider(path: path)
        // The pcscd beside this program, and the card in its reader, take a moment to be there.
        for _ in 0..<200 {
            let slots = try provider.slots(withToken: true)
            if !slots.isEmpty { return try show(slots, provider, pin: .virtualCard) }
            usleep(50_000)
        }
        throw CommandFailure(
            "the virtual card did not come into the reader of the private pcscd",
            hint: "the last lines of pcscd's and the card's log follow", .unavailable)
    }

    private func show(_ slots: [CUnsignedLong], _ provider: Provider, pin: TokenTour.PINSource) throws {
        let page = Page()
        var failures: [CommandFailure] = []
        for slot in slots {
            do {
                try TokenTour(provider: provider, slot: slot, page: page, pinSource: pin).run()
            } catch let error as ProviderError {
                failures.append(CommandFailure(error))
            } catch let error as CommandFailure {
                failures.append(error)
            }
        }
        // With several cards, one that fails does not hide the others.
        for failure in failures.dropLast() { failure.report() }
        if let last = failures.last { throw last }
        SSHAdvice(module: provider.path).show(on: page)
        provider.finalize()
    }
}

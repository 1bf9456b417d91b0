import ArgumentParser
import VirtualCard

/// Where a card is served, and what is noted of it.
struct ReaderOptions: ParsableArguments {
    @Option(help: "vpcd's port at 127.0.0.1.")
    var port: UInt16

    @Option(help: "A file to which each command and answer is added.")
    var log: String?

    @Option(help: "How many seconds vpcd may take to be there, at the start and each time it goes away.")
    var wait: Double = 30

    /// Serves a card until a signal asks to end.
    func serve(_ card: any PoweredCard, _ control: SignalPipe) throws {
        let log = try self.log.map { try APDULog(path: $0) }
        var reader = VirtualReader(card: card, port: port, log: log, control: control, wait: wait)
        try reader.run()
    }
}

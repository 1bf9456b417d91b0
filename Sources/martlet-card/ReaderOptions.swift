import ArgumentParser
import VirtualCard

/// Where a card is served, and what is noted of it.
struct ReaderOptions: ParsableArguments {
    @Option(help: "vpcd's port at 127.0.0.1.")
    var port: UInt16?

    @Option(help: ArgumentHelp("The socket of QEMU's usb-redir.", valueName: "socket"))
    var usb: String?

    @Option(help: ArgumentHelp("The socket of QEMU's ccid-card-passthru.", valueName: "socket"))
    var vsc: String?

    @Option(help: "A file to which each command and answer is added.")
    var log: String?

    @Option(help: "How many seconds vpcd or QEMU may take to be there, at the start and each time it goes away.")
    var wait: Double = 30

    func validate() throws {
        guard [port.map(String.init), usb, vsc].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("name one of --port, --usb and --vsc")
        }
    }

    /// Serves a card until a signal asks to end.
    ///
    /// - Parameter slot: makes the card's slot, which passes on each command and its answer.
    func serve(
        _ control: SignalPipe,
        _ slot: (@escaping (_ command: [UInt8], _ answer: [UInt8]) -> Void) -> CardSlot
    ) throws {
        let log = try self.log.map { try APDULog(path: $0) }
        let (reader, place) = try reader(slot { log?.add(command: $0, answer: $1) })
        var connection = ReaderConnection(reader: reader, place: place, control: control, wait: wait)
        try connection.run()
    }

    private func reader(_ slot: CardSlot) throws -> (any SlotReader, ReaderConnection.Place) {
        if let usb {
            guard let reader = slot.inUSBPort else {
                throw ValidationError("a token speaks T=1, and this card T=0: take --vsc, or another --profile")
            }
            return (reader, .path(usb))
        }
        if let vsc {
            guard let reader = slot.inVSCardReader else {
                throw ValidationError("QEMU's reader speaks T=0 only: take --usb, or --profile plain-piv")
            }
            return (reader, .path(vsc))
        }
        return (slot.inVPCD, .localPort(port ?? 0))
    }
}

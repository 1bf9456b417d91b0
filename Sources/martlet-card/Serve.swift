import ArgumentParser
import VirtualCard

/// Connects a card to vpcd or to QEMU, and answers for it.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a card into pcscd's virtual reader, or into a virtual machine of QEMU.",
        discussion: """
            --port serves vpcd, pcscd's virtual reader. The other two are for a machine in QEMU, which listens at the \
            socket; both readers are USB devices there:
              --usb plugs in a YubiKey: -chardev socket,id=token,path=SOCKET,server=on,wait=off \
            -device qemu-xhci -device usb-redir,chardev=token
              --vsc puts a card into QEMU's own reader, which speaks T=0 (plain-piv and the like): \
            -chardev socket,id=card,path=SOCKET,server=on,wait=off -device usb-ccid -device \
            ccid-card-passthru,chardev=card
            The state file is made, with no keys, where there is none, and replaced after each change. The card is \
            pulled out with SIGUSR1 (with --usb the whole token), put back with SIGUSR2, and the program ends with \
            SIGTERM or SIGINT. Where pcscd or QEMU goes away, the card waits for it to come back.
            The log has one line for each command: its bytes, a space and the bytes of its answer, in hexadecimal. \
            Nothing in it is hidden, not even PINs.
            """)

    @OptionGroup var card: CardOptions

    @OptionGroup var reader: ReaderOptions

    @Option(
        help: """
            The finger, where a key wants a touch: now, a number of milliseconds that it takes, or never \
            (answered 6982; never=6985 answers that instead).
            """)
    var touch: TouchArgument = TouchArgument(touch: .immediate)

    func run() throws {
        // First of all: a signal before this would end the process.
        let control = try SignalPipe()
        let file = StateFile(path: card.state)
        let state = try loadOrCreate(file)
        let simulated = VirtualCard(state: state, touch: touch.touch) { try file.save($0) }
        try reader.serve(control) { CardSlot(card: simulated, record: $0) }
    }

    private func loadOrCreate(_ file: StateFile) throws -> CardState {
        do {
            var state = try file.load()
            if let profile = try card.namedProfile(), profile != state.profile {
                state.profile = profile
            }
            if !card.quirk.isEmpty { state.quirks = card.quirk }
            return state
        } catch StateFileError.absent {
            let builder = try card.newCard(identified: false)
            try file.save(builder.state)
            return builder.state
        }
    }
}

/// now, MILLISECONDS, never or never=STATUS.
struct TouchArgument: ExpressibleByArgument {
    let touch: Touch

    init(touch: Touch) { self.touch = touch }

    init?(argument: String) {
        if argument == "now" {
            touch = .immediate
        } else if let milliseconds = UInt32(argument) {
            touch = .delayed(milliseconds: milliseconds)
        } else if argument == "never" {
            touch = .denied(status: 0x6982)
        } else if argument.hasPrefix("never="), let status = UInt16(argument.dropFirst(6), radix: 16) {
            touch = .denied(status: status)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "now" }
}

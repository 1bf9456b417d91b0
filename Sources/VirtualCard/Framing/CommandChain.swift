import APDU

/// Joins the commands of a chain (ISO/IEC 7816-4, section 5.4.1; SP 800-73-5 part 2, section 2.4).
struct CommandChain {
    /// The most bytes of data that the joined command may have.
    let limit: Int
    private var header: CommandHeader?
    private var data: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// What came of one more command.
    enum Step {
        /// The chain goes on: the command is answered with 9000.
        case more
        /// The command is whole.
        case whole(CommandAPDU)
        /// More data than the card has room for; the chain is dropped.
        case tooLong
    }

    /// Takes one command, whose CLA may have the chaining bit. A command that does not continue the chain begun
    /// before it drops that chain.
    mutating func take(_ command: CommandAPDU) -> Step {
        var own = command.header
        own.cla &= ~CommandHeader.chainingBit
        if header != own { drop() }
        guard data.count + command.data.count <= limit else {
            drop()
            return .tooLong
        }
        data += command.data
        guard command.header.cla & CommandHeader.chainingBit == 0 else {
            header = own
            return .more
        }
        var whole = command
        whole.header = own
        whole.data = data
        drop()
        return .whole(whole)
    }

    /// Forgets a chain that was begun.
    mutating func drop() {
        header = nil
        data = []
    }
}

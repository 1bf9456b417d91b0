import ISO7816

/// The commands of one card application behind an exchange: how each is sent, and what an error of it is called.
public protocol CardCommands {
    /// Their names.
    associatedtype Command: CommandName

    /// Where the commands go, while the transaction lasts.
    var exchange: CardExchange { get }
}

extension CardCommands {
    /// SELECT by DF name, whatever its status word.
    public func select(name applicationIdentifier: [UInt8]) throws(CommandError<Command>) -> ResponseAPDU {
        try reaching(.select) { () throws(ChannelError) in try exchange.select(applicationIdentifier) }
    }

    /// Sends a command and returns the answer, whatever its status word.
    public func answer(
        _ command: Command, _ header: CommandHeader, data: [UInt8] = [], ne: Int = 0, secrecy: Secrecy = []
    ) throws(CommandError<Command>) -> ResponseAPDU {
        try reaching(command) { () throws(ChannelError) in
            try exchange.send(header, data: data, ne: ne, secrecy: secrecy)
        }
    }

    /// Sends a command and throws unless its status is one of those.
    public func send(
        _ command: Command, _ header: CommandHeader, data: [UInt8] = [], ne: Int = 0, secrecy: Secrecy = [],
        accepting accepted: [StatusWord] = [.success]
    ) throws(CommandError<Command>) -> ResponseAPDU {
        let answer = try answer(command, header, data: data, ne: ne, secrecy: secrecy)
        guard accepted.contains(answer.status) else { throw .answered(command, answer.status) }
        return answer
    }

    /// Sends a command with secret data and throws unless it succeeds.
    public func sendSecret(
        _ command: Command, _ header: CommandHeader, _ data: RawSpan
    ) throws(CommandError<Command>) {
        let answer = try reaching(command) { () throws(ChannelError) in try exchange.send(header, secret: data) }
        guard answer.status == .success else { throw .answered(command, answer.status) }
    }

    /// Has a person type what a command needs on the reader's keys, and throws unless it succeeds.
    public func enter(_ command: Command, _ entry: PINEntry) throws(CommandError<Command>) {
        let status = try reaching(command) { () throws(ChannelError) in try exchange.enter(entry) }
        guard status == .success else { throw .answered(command, status) }
    }

    private func reaching<R>(
        _ command: Command, _ step: () throws(ChannelError) -> R
    ) throws(CommandError<Command>) -> R {
        try Result(catching: step).mapError { CommandError.channel(command, $0) }.get()
    }
}

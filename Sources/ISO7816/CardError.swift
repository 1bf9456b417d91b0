/// A card command that did not do what was asked: which command, and why.
public struct CardError: Error, Hashable, Sendable {
    /// Why a command failed.
    public enum Cause: Hashable, Sendable {
        /// The card refused with this status word.
        case status(StatusWord)
        /// The card's answer is not what the specification says; the text names what is wrong with it.
        case malformed(String)
        /// The command did not reach the card, or the answer did not come back.
        case channel(ChannelError)
    }

    /// The command by its name in the specification, such as "GENERAL AUTHENTICATE".
    public let command: String
    /// Why it failed.
    public let cause: Cause

    /// A failure of the named command.
    public init(_ command: String, _ cause: Cause) {
        self.command = command
        self.cause = cause
    }

    /// Whether the card answered, though not with what was asked for; another application may have done so.
    public var isAnswer: Bool {
        if case .channel = cause { return false }
        return true
    }

    /// Whether a card answers so in which no application knows the command, as after a reset. The command was not carried
    /// out: a PIN in it has cost no try.
    package var isUnknownCommand: Bool { status == .instructionNotSupported || status == .classNotSupported }

    /// The status word, where the card answered with one.
    public var status: StatusWord? {
        if case .status(let status) = cause { return status }
        return nil
    }
}

extension CardError: CustomStringConvertible {
    /// One line for a log. It holds nothing of the command's data.
    public var description: String {
        switch cause {
        case .status(let status): "\(command) answered \(status)"
        case .malformed(let what): "\(command): \(what)"
        case .channel(let error): "\(command): \(error)"
        }
    }
}

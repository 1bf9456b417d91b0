import ISO7816
import Token

/// The commands of one card application: an enum, whose raw values are the specification's names and serve for logs alone.
public protocol CommandName: RawRepresentable, Hashable, Sendable where RawValue == String {
    /// SELECT of the application.
    static var select: Self { get }

    /// What a status word means to the user after this command; nil where it means what it does after any command.
    func meaning(of status: StatusWord) -> TokenError?
}

extension CommandName {
    /// The failure that says no more than the command and its status word.
    public func failure(_ status: StatusWord) -> TokenError { .failed("\(rawValue) answered \(status)") }

    /// The failure of a card that takes no PIN over this interface.
    package func notOverThisReader(_ status: StatusWord) -> TokenError {
        .failed("\(rawValue) answered \(status): the card takes no PIN over this reader")
    }
}

/// Why a card application did not do what was asked.
public enum CommandError<Command: CommandName>: Error, Hashable, Sendable {
    /// The card answered a command with this status word.
    case answered(Command, StatusWord)
    /// The card's answer is not what the specification says; the text names what is wrong with it.
    case malformed(Command, String)
    /// A command did not reach the card, or its answer did not come back; nil stands for the beginning of a transaction.
    case channel(Command?, ChannelError)
    /// The host has decided so itself: what it knows, or what the card has told, leaves nothing to ask.
    case refused(TokenError)

    /// Whether the card answered, though not with what was asked for; another application may have done so.
    public var isAnswer: Bool {
        switch self {
        case .answered, .malformed: true
        case .channel, .refused: false
        }
    }

    /// The status word, where the card answered with one.
    public var status: StatusWord? {
        if case .answered(_, let status) = self { return status }
        return nil
    }

    /// What it means to the user.
    public var tokenError: TokenError {
        switch self {
        case .answered(let command, let status): command.meaning(of: status) ?? TokenError(status, description)
        case .malformed: .failed(description)
        case .channel(_, let error): TokenError(error, description)
        case .refused(let error): error
        }
    }

    /// What an answer says of an application that was looked for: whether the card has none, and did not just fail.
    public var meansNoApplication: Bool {
        switch self {
        case .channel, .refused: false
        // Another application's name in the answer to SELECT; data that are no BER-TLV may be a fault.
        case .malformed(let command, _): command == .select
        case .answered(_, let status): !status.isFailure
        }
    }
}

extension CommandError: CustomStringConvertible {
    /// One line for a log. It holds nothing of a command's data.
    public var description: String {
        switch self {
        case .answered(let command, let status): "\(command.rawValue) answered \(status)"
        case .malformed(let command, let what): "\(command.rawValue): \(what)"
        case .channel(let command, let error): "\(command?.rawValue ?? "SCardBeginTransaction"): \(error)"
        case .refused(let error): "\(error)"
        }
    }
}

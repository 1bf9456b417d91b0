import TestSupport

/// OpenSSL's own program with a card's keys, which it reaches through an engine or a provider.
protocol OpenSSLWithCard {
    var world: CardWorld { get }
    /// What tells the program that a key is no file.
    var keyForm: [String] { get }
    /// Runs a command of `openssl` with the card.
    func run(_ command: String, _ arguments: [String], input: [UInt8]) throws -> ToolResult
    /// The same, beside the test.
    func start(_ command: String, _ arguments: [String], log: String) throws
}

extension OpenSSLWithCard {
    func run(_ command: String, _ arguments: [String]) throws -> ToolResult { try run(command, arguments, input: []) }
}

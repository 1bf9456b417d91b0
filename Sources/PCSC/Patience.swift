/// How long to wait for another program that holds the card.
public struct Patience: Hashable, Sendable {
    /// Milliseconds between two attempts.
    static let step: UInt32 = 20

    /// The attempts to connect while another program has opened the card exclusively.
    let connection: Int
    /// The attempts to reach the card while another program holds a transaction.
    let transaction: Int

    /// Three seconds.
    public static let full = Patience(connection: 150, transaction: 150)
    /// For a caller that only lists tokens: does not wait for a program that has opened the card exclusively, which
    /// usually lasts; waits a fifth of a second for a transaction, which has usually ended by then.
    public static let brief = Patience(connection: 1, transaction: 10)
}

/// For how long another program is waited for that holds the card.
public struct Patience: Hashable, Sendable {
    /// Milliseconds between two attempts.
    static let step: UInt32 = 20

    /// The attempts to connect while another program has the card for itself.
    let connection: Int
    /// The attempts to reach the card while another program holds a transaction.
    let transaction: Int

    /// Three seconds.
    public static let full = Patience(connection: 150, transaction: 150)
    /// For who only looks: not at all for a program that has the card for itself, since that mostly goes on; a fifth of
    /// a second for a transaction, which mostly is over by then.
    public static let brief = Patience(connection: 1, transaction: 10)
}

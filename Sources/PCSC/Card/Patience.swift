/// For how long another program is waited for that holds the card.
public struct Patience: Hashable, Sendable {
    /// Milliseconds between two attempts.
    static let step: UInt32 = 20

    /// The attempts to connect while another program has the card for itself.
    let connection: Int
    /// The attempts to reach the card while another program holds a transaction.
    let transaction: Int
    /// The attempts for as long as the other program is a Martlet too, whose card waits for a touch or makes a key.
    let work: Int

    /// Three seconds; five minutes for another Martlet.
    public static let full = Patience(connection: 150, transaction: 150, work: 15_000)
    /// For who only looks: not at all for a program that has the card for itself, since that mostly goes on; a fifth of
    /// a second for a transaction, which mostly is over by then.
    public static let brief = Patience(connection: 1, transaction: 10, work: 0)
}

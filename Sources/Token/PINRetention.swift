/// For how long a PIN is kept in memory after the card has verified it.
public struct PINRetention: Hashable, Sendable {
    /// Milliseconds; nil for as long as the login lasts.
    public let milliseconds: Int?

    /// As long as the login lasts.
    public static let session = PINRetention(milliseconds: nil)
    /// Not at all.
    public static let off = PINRetention(milliseconds: 0)

    /// So many seconds.
    public static func seconds(_ count: Int) -> PINRetention { PINRetention(milliseconds: count * 1000) }
}

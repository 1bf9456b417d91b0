/// Which signatures are verified before they leave.
public enum SignatureCheck: Sendable {
    /// All of them.
    case all
    /// Those of RSA, in which a fault would give the key away (Boneh, DeMillo, Lipton 1997).
    case rsa
    /// None.
    case off
}

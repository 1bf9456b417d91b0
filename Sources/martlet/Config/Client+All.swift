extension Client {
    /// All programs, the commonest first.
    static let all = ssh + libraries + logins
}

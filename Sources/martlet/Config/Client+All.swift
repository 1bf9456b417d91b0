extension Client {
    /// All programs, the commonest first.
    static let all = ssh + libraries + openSSL + web + networks + signers + languages + logins
}

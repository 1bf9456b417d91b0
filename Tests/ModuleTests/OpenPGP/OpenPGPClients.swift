import TestSupport
import Testing

/// The programs that people use, each with Martlet's module and a simulated OpenPGP card in a real pcscd.
@Suite struct OpenPGPClients {
    /// The kinds of card that have every algorithm: with OpenPGP alone, and with PIV beside it.
    static let profiles = ["openpgp34", "yubikey57-both"]
    /// The token's label.
    static let token = "OpenPGP card (User PIN)"
    /// A set of keys that each program here can use.
    static let usualKeys = ["rsa2048", "rsa2048", "p256"]

    /// A world with a card with keys of these kinds, in the order SIG, DEC, AUT. After a comma may follow what
    /// `martlet-card` takes, such as `nocert`.
    static func world(_ profile: String, _ keys: [String] = usualKeys, and others: [String] = []) throws -> CardWorld {
        let openPGP = zip(["sig", "dec", "aut"], keys).map { "\($0)=\($1)" }
        return try CardWorld(SimulatedCard(profile: profile, keys: openPGP + others))
    }

    /// `pkcs11-tool` with the OpenPGP application of the world's card.
    static func tool(_ world: CardWorld) throws -> PKCS11Tool {
        try PKCS11Tool(world: world, module: BuiltModule.path(), token: token)
    }
}

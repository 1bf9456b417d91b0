import TestSupport
import Testing

/// A key of a simulated card, and the other side's key, which OpenSSL has.
struct AgreeingCard {
    /// A kind of card, the argument of `martlet-card` for the key, and the key's id.
    struct Kind: Sendable, CustomTestStringConvertible {
        let profile: String
        let algorithm: String
        var testDescription: String { "\(algorithm) on \(profile)" }

        var isOpenPGP: Bool { profile.hasPrefix("openpgp") }

        /// What `openssl genpkey` takes for such a key.
        fileprivate var openSSLArguments: [String] {
            if algorithm.hasPrefix("x") { return ["-algorithm", algorithm.uppercased()] }
            let names = ["p256": "P-256", "p384": "P-384", "p521": "P-521"]
            let name = names[algorithm] ?? algorithm.replacing("brainpoolp", with: "brainpoolP")
            return ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(name)"]
        }
    }

    let world: CardWorld
    let tool: PKCS11Tool
    let id: String
    /// The other side's private key, and its public one in DER.
    private let peerKey: String
    let peerPublicKey: String
    /// The length of the other side's point.
    private let pointSize: Int

    init(_ kind: Kind) throws {
        let keys = kind.isOpenPGP ? ["sig=p256", "dec=\(kind.algorithm)"] : ["9c=p256", "9d=\(kind.algorithm)"]
        world = try CardWorld(SimulatedCard(profile: kind.profile, keys: keys))
        tool = try PKCS11Tool(world: world, module: BuiltModule.path())
        id = kind.isOpenPGP ? "02" : "03"
        peerKey = world.home.file("peer.pem")
        peerPublicKey = world.home.file("peer.der")
        try Tool.run(["openssl", "genpkey", "-out", peerKey] + kind.openSSLArguments).checked()
        try Tool.run("openssl", "pkey", "-in", peerKey, "-pubout", "-outform", "DER", "-out", peerPublicKey).checked()
        pointSize =
            ["x25519": 32, "x448": 56, "p384": 97, "p521": 133, "brainpoolp384r1": 97, "brainpoolp512r1": 129][
                kind.algorithm] ?? 65
    }

    /// The other side's point, which ends its public key.
    func peerPoint() throws -> [UInt8] { try world.home.read("peer.der").suffix(pointSize) }

    /// What both share, as OpenSSL computes it on the other side.
    func secret() throws -> [UInt8] {
        try Tool.run(
            "openssl", "pkeyutl", "-derive", "-inkey", peerKey, "-peerkey", tool.certificate(id).publicKey()
        ).checked().output
    }

    /// A process with a session that has logged in, and the handle of the key.
    func logIn() throws -> (process: CryptokiProcess, session: String, key: String) {
        let process = try CryptokiProcess(in: world)
        try process("A initialize")
        let session = try process.first("A open 0 rw")
        try process("A login \(session) user \(SimulatedCard.pin)")
        return (process, session, try process.first("A find \(session) class=private id=hex:\(id)"))
    }
}

extension Sequence<UInt8> {
    /// In the form in which the shell prints bytes.
    var digits: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

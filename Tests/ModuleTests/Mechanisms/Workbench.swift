import Foundation
import TestSupport

/// A card in a world of its own, with what a client needs for working with its keys, and OpenSSL to judge the work.
struct Workbench {
    let card: TestedCard
    let world: CardWorld
    let tool: PKCS11Tool
    private let certificates: [String: Certificate]

    /// For programs that know no login for one use of a key.
    static let environment = ["MARTLET_EACH_USE": "login"]

    init(_ card: TestedCard) throws {
        self.card = card
        world = try CardWorld(card.card)
        let tool = try PKCS11Tool(world: world, module: BuiltModule.path(), token: card.token)
        self.tool = tool
        certificates = try Dictionary(uniqueKeysWithValues: card.keys.map { ($0.id, try tool.certificate($0.id)) })
    }

    /// The certificate of a key.
    func certificate(_ key: TestedCard.Key) throws -> Certificate {
        guard let certificate = certificates[key.id] else { throw ToolFailure("no certificate \(key.id)") }
        return certificate
    }

    /// A URI that names the token.
    var tokenURI: String {
        "pkcs11:token=" + (card.token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }

    /// A URI that names a private key, and tells the PIN.
    func uri(_ key: TestedCard.Key) -> String {
        tokenURI + ";id=%\(key.id);type=private;pin-value=\(SimulatedCard.pin)"
    }

    /// Lays out the files for a use: what is signed; what OpenSSL has made of the message for the key to decrypt; another
    /// key to agree with, and what they agree on.
    func prepare(_ use: KeyUse) throws -> KeyJob {
        let isRaw = use.mechanism == "RSA-X-509"
        let message = try world.home.write(
            isRaw ? use.block : KeyUse.message, to: isRaw ? "block" + use.key.kind : "message")
        let output = world.home.newFile("output"), input = world.home.newFile("input")
        switch use.deed {
        case .sign, .signRecover, .wrap: return KeyJob(use: use, input: message, output: output, expected: nil)
        case .decrypt:
            try encrypt(message, for: use, to: input)
            return KeyJob(use: use, input: input, output: output, expected: message)
        case .unwrap:
            try wrap(message, for: use, to: input)
            return KeyJob(use: use, input: input, output: output, expected: message)
        case .derive:
            let secret = world.home.newFile("secret")
            try agree(with: use.key, publicKey: input, secret: secret)
            return KeyJob(use: use, input: input, output: output, expected: secret)
        }
    }

    /// How `openssl pkeyutl` is told of the padding for a decryption: OAEP with SHA-256.
    static func paddingOptions(_ use: KeyUse) -> [String] {
        let options =
            switch use.mechanism {
            case "RSA-PKCS-OAEP", "RSA-AES-KEY-WRAP": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256"]
            case "RSA-X-509": ["rsa_padding_mode:none"]
            default: [String]()
            }
        return options.flatMap { ["-pkeyopt", $0] }
    }

    /// Whether the output is what it must be, or a signature that OpenSSL verifies.
    func isRight(_ job: KeyJob) throws -> Bool {
        if let expected = job.expected { return try Tool.run("cmp", job.output, expected).succeeded }
        let certificate = try certificate(job.use.key), isRaw = job.use.mechanism == "RSA-X-509"
        if job.use.deed == .wrap { return try isWrapped(job) }
        guard isRaw || job.use.deed == .signRecover else {
            return try certificate.verify(job.input, signature: job.output, SigningMechanism(job.use.mechanism))
                .succeeded
        }
        let recovered = try Tool.run(
            ["openssl", "pkeyutl", "-verifyrecover", "-pubin", "-inkey", certificate.publicKey(), "-in", job.output]
                + (isRaw ? ["-pkeyopt", "rsa_padding_mode:none"] : []))
        return recovered.output == (isRaw ? job.use.block : KeyUse.message)
    }

    /// Whether the card, asked by `pkcs11-tool`, finds in a wrapped key what was wrapped.
    private func isWrapped(_ job: KeyJob) throws -> Bool {
        let decryption = KeyJob(
            use: KeyUse(deed: .decrypt, mechanism: job.use.mechanism, key: job.use.key), input: job.output,
            output: world.home.newFile("unwrapped"), expected: job.input)
        guard try PKCS11ToolClient().carryOut([decryption], at: self).allSatisfy(\.succeeded) else { return false }
        return try isRight(decryption)
    }
}

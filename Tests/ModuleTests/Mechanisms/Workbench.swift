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

    /// A URI that names a private key, and tells the PIN.
    func uri(_ key: TestedCard.Key) -> String {
        let token = card.token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "pkcs11:token=\(token);id=%\(key.id);type=private;pin-value=\(SimulatedCard.pin)"
    }

    /// Lays out the files for a use: the message, or what OpenSSL has made of it for the key to decrypt.
    func prepare(_ use: KeyUse) throws -> KeyJob {
        let message = try world.home.write(KeyUse.message, to: "message")
        let output = world.home.newFile("output")
        guard use.deed == .decrypt else { return KeyJob(use: use, input: message, output: output) }
        let encrypted = world.home.newFile("encrypted")
        try Tool.run(
            "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", certificate(use.key).publicKey(), "-in", message,
            "-out", encrypted
        ).checked()
        return KeyJob(use: use, input: encrypted, output: output)
    }

    /// Whether the output is a signature that OpenSSL verifies, or the message.
    func isRight(_ job: KeyJob) throws -> Bool {
        switch job.use.deed {
        case .sign:
            try certificate(job.use.key)
                .verify(job.input, signature: job.output, SigningMechanism(job.use.mechanism)).succeeded
        case .decrypt:
            try Tool.run("cmp", job.output, world.home.file("message")).succeeded
        }
    }
}

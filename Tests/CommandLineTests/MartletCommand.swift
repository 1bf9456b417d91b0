import Foundation
import TestSupport
import Testing

/// The program `martlet`, run in a world with a card.
struct MartletCommand {
    let world: CardWorld

    init(_ world: CardWorld) { self.world = world }

    /// A world with this card.
    init(_ card: SimulatedCard) throws { world = try CardWorld(card) }

    /// Runs it where no terminal is.
    func run(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []
    ) throws -> ToolResult {
        // setsid takes the terminal away that the tests may have been started from.
        try world.run(
            ["setsid", "--wait", PackageRoot.program("martlet")] + arguments, environment: environment, input: input)
    }

    func run(_ arguments: String...) throws -> ToolResult { try run(arguments) }

    /// Runs it at a terminal where a person answers each question that shows this text.
    func run(_ arguments: [String], typing: [(awaited: String, line: String)]) throws -> ToolResult {
        try world.run([PackageRoot.program("martlet")] + arguments, typing: typing)
    }

    /// Runs it at a terminal where a person gives this PIN.
    func run(_ arguments: [String], pin: String) throws -> ToolResult {
        try run(arguments, typing: [("PIN of", pin)])
    }

    /// What `list --json` tells, or `info --json`.
    func json(_ arguments: String...) throws -> Inventory {
        try JSONDecoder().decode(Inventory.self, from: Data(run(arguments + ["--json"]).checked().output))
    }

    /// How many tries the PIN has left.
    func pinTries() throws -> Int? { try json("list").readers.first?.tokens.first?.pinTriesLeft }
}

/// The JSON of `list` and `info`, as a script reads it.
struct Inventory: Decodable {
    struct Reader: Decodable {
        let name: String
        let card: String
        let answerToReset: String?
        let problem: String?
        let tokens: [Token]
    }

    struct Token: Decodable {
        let application: String
        let label: String
        let manufacturer: String
        let model: String
        let serialNumber: String
        let shortestPIN: Int
        let longestPIN: Int
        let pinTriesLeft: Int?
        let pinTriesInAll: Int?
        let keys: [Key]
        let dataObjects: [String]
    }

    struct Key: Decodable {
        let key: String
        let id: String
        let label: String
        let algorithm: String?
        let usage: [String]
        let pinPolicy: String?
        let touchPolicy: String?
        let origin: String?
        let certificate: Certificate?
    }

    struct Certificate: Decodable {
        let subject: String
        let issuer: String
        let serialNumber: String
        let notBefore: String
        let notAfter: String
        let isExpired: Bool
        let sha256: String
    }

    let readers: [Reader]
}

/// Programs beside `martlet`.
extension MartletCommand {
    /// openssl, or another program, run in the world's folder.
    @discardableResult
    func tool(_ command: String..., input: [UInt8] = []) throws -> ToolResult {
        try world.run(command, input: input).checked()
    }

    /// The public key of a certificate on the card, in a file as openssl has it.
    func publicKeyFile(_ key: String) throws -> String {
        let certificate = world.home.newFile("certificate.pem"), file = world.home.newFile("public.pem")
        try run("certificate", "export", key, "--output", certificate).checked()
        try tool("openssl", "x509", "-in", certificate, "-noout", "-pubkey", "-out", file)
        return file
    }
}

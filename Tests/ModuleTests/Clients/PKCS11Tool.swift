import Foundation
import TestSupport
import Testing

/// OpenSC's `pkcs11-tool` with a module, in a world with a card.
struct PKCS11Tool {
    let world: CardWorld
    /// The path of the module that it loads, or its name in the system's folder of modules.
    let module: String
    /// The label of the token that it is to use, where the module shows several.
    var token: String?
    /// What it finds in its environment.
    var environment: [String: String] = [:]
    /// The program that starts it, with its arguments.
    var starter: [String] = []

    /// Runs it with these arguments.
    func run(_ arguments: [String]) throws -> ToolResult {
        let choice = token.map { ["--token-label", $0] } ?? []
        return try world.run(
            starter + ["pkcs11-tool", "--module", module] + choice + arguments, environment: environment)
    }

    /// The same, after a login with the card's PIN.
    func runLoggedIn(_ arguments: [String]) throws -> ToolResult {
        try run(["--login", "--pin", SimulatedCard.pin] + arguments)
    }

    /// The id of the slot with a token of this label.
    func slot(ofToken label: String) throws -> Int {
        let listed = try run(["--list-token-slots"]).checked().text
        let slots = listed.matches(of: /Slot \d+ \(0x([0-9a-f]+)\): .*\n +token label +: (.*)/)
        guard let slot = slots.first(where: { $0.output.2 == label }), let id = Int(slot.output.1, radix: 16) else {
            throw ToolFailure("no \(label): \(listed)")
        }
        return id
    }

    /// The certificate of this id, as the module gives it, in a file in the world's home.
    func certificate(_ id: String) throws -> Certificate {
        let certificate = Certificate(file: world.home.newFile("certificate.der"))
        try run(["--read-object", "--type", "cert", "--id", id, "--output-file", certificate.file]).checked()
        return certificate
    }

    /// Signs `message` with a key, and asks OpenSSL about the signature.
    /// - Returns: what OpenSSL says.
    func signAndVerify(_ message: [UInt8], id: String, with mechanism: SigningMechanism) throws -> ToolResult {
        let data = world.home.newFile("data"), signature = world.home.newFile("signature")
        try Data(message).write(to: URL(fileURLWithPath: data))
        let signed = try runLoggedIn(
            ["--sign", "--id", id, "--mechanism", mechanism.name, "--input-file", data, "--output-file", signature]
                + (mechanism.isECDSA ? ["--signature-format", "openssl"] : []))
        try #require(signed.succeeded, "\(signed)")
        return try certificate(id).verify(data, signature: signature, mechanism)
    }
}

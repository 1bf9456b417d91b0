import TestSupport

/// SSSD's `p11_child`: by it SSSD finds the certificates of a person's card, and lets the card sign a challenge.
struct P11Child {
    let world: CardWorld
    /// A PEM file with the authorities whose certificates are good.
    let authorities: String
    /// The setting `p11_uri` of SSSD: which token is meant.
    var uri: String?

    private static let program = "/usr/libexec/sssd/p11_child"
    static let missing = Tool.missing(file: program, package: "sssd-common")

    /// A certificate as it tells of it, which is also how SSSD names the key to it.
    struct Found: Equatable {
        let token: String
        let module: String
        let id: String
        let label: String
        /// The certificate itself, in base64.
        let certificate: String
    }

    /// What SSSD learns before it asks for a PIN: the good certificates of the card.
    func find() throws -> [Found] { try Self.found(run(["--pre"])) }

    /// Lets a key sign, after a login with the PIN.
    /// - Returns: the certificate that the signature was verified with, or nil where the card refused.
    func authenticate(_ key: Found, pin: String = SimulatedCard.pin) throws -> Found? {
        let choice = [
            "--module_name", key.module, "--token_name", key.token, "--key_id", key.id, "--label", key.label,
        ]
        return try Self.found(run(["--auth", "--pin"] + choice, input: Array(pin.utf8))).first
    }

    /// Starts a search that waits for a card.
    /// - Returns: what it has found, or nil as long as it waits.
    func waitForCard() throws -> () throws -> [Found]? {
        let log = "p11_child.log"
        let withoutErrors = ["bash", "-c", #"exec "$@" 2>/dev/null"#, "bash"]
        let pid = try world.startInBackground(withoutErrors + command(["--pre", "--wait_for_card"]), log: log)
        return {
            guard try !world.run("kill", "-0", String(pid)).succeeded else { return nil }
            return Self.found(String(decoding: try world.home.read(log), as: UTF8.self))
        }
    }

    private func run(_ options: [String], input: [UInt8] = []) throws -> String {
        try world.run(command(options), input: input).text
    }

    private func command(_ options: [String]) -> [String] {
        [Self.program, "--logger=stderr", "--ca_db", authorities] + (uri.map { ["--uri", $0] } ?? []) + options
    }

    /// Its answer: the number of an error, or 0 and five lines for each certificate.
    private static func found(_ answer: String) -> [Found] {
        let lines = answer.split(separator: "\n").map(String.init)
        guard lines.first == "0" else { return [] }
        return stride(from: 1, to: lines.count - 4, by: 5).map {
            Found(
                token: lines[$0], module: lines[$0 + 1], id: lines[$0 + 2], label: lines[$0 + 3],
                certificate: lines[$0 + 4])
        }
    }
}

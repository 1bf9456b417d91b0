import ArgumentParser
import Platform

/// Prints lines for `authorized_keys`.
struct ExportSSH: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-ssh",
        abstract: "Print public keys as lines for a server's authorized_keys.",
        discussion: """
            Without a key, all keys that can sign and that OpenSSH knows.

            Examples:
              martlet export-ssh >> authorized_keys
              martlet export-ssh --json
              martlet export-ssh 9a --comment jane@badge | ssh server 'cat >> .ssh/authorized_keys'
            """)

    @Argument(help: .key)
    var key: KeyName?

    @OptionGroup var selection: CardSelection

    @Option(help: "What stands at a line's end. The default is the key's label and the card's serial number.")
    var comment: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    /// One key's line. The names of the properties are those of the JSON.
    private struct Line: Encodable {
        let key: String
        let application: String
        let serialNumber: String
        let line: String
    }

    private struct Report: Encodable {
        let keys: [Line]
    }

    func run() throws {
        let lines = try key.map { [try line($0)] } ?? allLines()
        guard !lines.isEmpty else {
            throw CommandFailure(
                "no key on the card can sign for OpenSSH", hint: "make one with martlet generate", .unavailable)
        }
        if json { return try JSON.show(Report(keys: lines)) }
        for line in lines { print(line.line) }
    }

    private func line(_ key: KeyName) throws(CommandFailure) -> Line {
        let card = try selection.token(key.application)
        let publicKey = try card.key(key).publicKey
        guard let line = SSHPublicKey(publicKey) else {
            throw CommandFailure(
                "OpenSSH has no keys of the kind of \(key.text) (\(publicKey.type.name))",
                hint: "choose an RSA, P-256, P-384, P-521 or Ed25519 key", .usage)
        }
        return try self.line(line, key, card)
    }

    private func allLines() throws(CommandFailure) -> [Line] {
        var lines: [Line] = []
        for card in try selection.tokens() {
            for content in try card.contents(areAllSought: false) where content.usage.contains(.sign) {
                guard let line = content.publicKey.flatMap(SSHPublicKey.init) else { continue }
                lines.append(try self.line(line, content.name, card))
            }
        }
        return lines
    }

    private func line(_ line: SSHPublicKey, _ key: KeyName, _ card: CardToken) throws(CommandFailure) -> Line {
        Line(
            key: key.text, application: card.application.rawValue, serialNumber: try card.information().serialNumber,
            line: line.line(comment: try comment(key, card)))
    }

    /// One line, whatever the card calls itself.
    private func comment(_ key: KeyName, _ card: CardToken) throws(CommandFailure) -> String {
        if let comment { return comment.printable }
        return "\(key.text) of \(try card.title())".printable
    }
}

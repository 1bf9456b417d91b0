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
              martlet export-ssh 9a --comment jane@badge | ssh server 'cat >> .ssh/authorized_keys'
            """)

    @Argument(help: .key)
    var key: KeyName?

    @OptionGroup var selection: CardSelection

    @Option(help: "What stands at a line's end. The default is the key's label and the card's serial number.")
    var comment: String?

    func run() throws {
        if let key {
            let card = try selection.token(key.application)
            let publicKey = try card.key(key).publicKey
            guard let line = SSHPublicKey(publicKey)?.line(comment: try comment(key, card)) else {
                throw CommandFailure(
                    "OpenSSH has no keys of the kind of \(key.text) (\(publicKey.type.name))",
                    hint: "choose an RSA, P-256, P-384, P-521 or Ed25519 key", .usage)
            }
            return print(line)
        }
        var isFound = false
        for card in try selection.tokens() {
            for content in try card.contents(areAllSought: false) where content.usage.contains(.sign) {
                guard let line = content.publicKey.flatMap(SSHPublicKey.init) else { continue }
                print(line.line(comment: try comment(content.name, card)))
                isFound = true
            }
        }
        guard isFound else {
            throw CommandFailure(
                "no key on the card can sign for OpenSSH", hint: "make one with martlet generate", .unavailable)
        }
    }

    /// One line, whatever the card calls itself.
    private func comment(_ key: KeyName, _ card: CardToken) throws(CommandFailure) -> String {
        if let comment { return comment.printable }
        return "\(key.text) of \(try card.title())".printable
    }
}

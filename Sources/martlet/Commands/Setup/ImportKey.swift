import ArgumentParser
import HostCrypto
import Keys
import OpenPGP
import Platform
import Token

/// Imports a private key.
struct ImportKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a private key from a file.",
        discussion: """
            The file is PKCS#8, PEM or DER, not encrypted. Another form, or an encrypted file: openssl pkcs8 -topk8 \
            -nocrypt -in FILE. A certificate comes with martlet certificate import.

            Examples:
              martlet import 9d key.pem
              openssl pkcs8 -topk8 -nocrypt -in old.key | martlet import 9a --touch-policy cached
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The private key. The default is standard input.", completion: .file())
    var file: String?

    @OptionGroup var options: NewKeyOptions
    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        var (der, algorithm) = try privateKeyInfo()
        defer { der.wipe() }
        let card = try selection.token(key.application)
        try options.checkPlace(key, card)
        try card.requireAlgorithm(algorithm, at: key)
        try card.loginAdministrator()
        try card.asking("bringing the key \(key.text)") { () throws(TokenError) in
            try card.token.importPrivateKey(der.span.bytes, at: key.privateKey, options.request)
        }
        print("The key \(key.text) is on the card.")
    }

    /// The key in the file, which is wiped.
    private func privateKeyInfo() throws(CommandFailure) -> (der: [UInt8], algorithm: KeyType) {
        var content = try InputFile.read(file)
        defer { content.wipe() }
        guard let der = PEM.der(in: content, label: "PRIVATE KEY"), let key = try? PrivateKey.pkcs8(der.span.bytes)
        else {
            throw CommandFailure(
                "\(file ?? "standard input") holds no PKCS#8 private key, or an encrypted one",
                hint: "make it one: openssl pkcs8 -topk8 -nocrypt -in FILE", .data)
        }
        return (der, key.type)
    }
}

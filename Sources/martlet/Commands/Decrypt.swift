import ArgumentParser
import HostCrypto
import Platform

/// Decrypts a file.
struct Decrypt: ParsableCommand {
    /// How the message was padded.
    enum Padding: String, CaseIterable, ExpressibleByArgument {
        case pkcs1
        case oaep
    }

    static let configuration = CommandConfiguration(
        abstract: "Decrypt a file that was encrypted for an RSA key on the card.",
        discussion: """
            The file is one block of RSA, as openssl pkeyutl -encrypt makes it. The output file is readable by its owner \
            alone.

            Examples:
              openssl pkeyutl -encrypt -pubin -inkey 9d.pem -in secret -out secret.rsa
              martlet decrypt 9d secret.rsa --output secret
              martlet decrypt 9d secret.rsa --padding oaep --hash sha256
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The file to decrypt. The default is standard input.", completion: .file())
    var file: String?

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    @Option(help: "How the message was padded: pkcs1 or oaep.")
    var padding = Padding.pkcs1

    @Option(help: "OAEP's hash function, also of its MGF1: sha256, sha384 or sha512.")
    var hash = HashName.sha256

    @OptionGroup var destination: ResultFile

    func run() throws {
        let decrypter = try selection.token(key.application).key(key)
        let ciphertext = try InputFile.read(file)
        let plaintext = try destination.open(isSecret: true, content: .unknown)
        var message = try decrypter.decrypt(
            ciphertext, oaep: padding == .oaep ? OAEPParameters(digest: hash.digest) : nil)
        defer { message.wipe() }
        try plaintext.write(message)
    }
}

import ArgumentParser
import HostCrypto
import Keys

/// Signs a file.
struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign a file with a key on the card.",
        discussion: """
            RSA keys sign with PKCS#1 v1.5, EC keys write DER, as openssl does; Ed25519 keys sign the file itself. The \
            signature is verified before it is written.

            Examples:
              martlet sign 9c letter.pdf --output letter.sig
              openssl dgst -sha256 -verify 9c.pem -signature letter.sig letter.pdf
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The file to sign. The default is standard input.", completion: .file())
    var file: String?

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    @Option(help: "The hash function: sha256, sha384 or sha512. The default fits the key.")
    var hash: HashName?

    @OptionGroup var destination: ResultFile

    func run() throws {
        let signer = try selection.token(key.application).key(key)
        let digest = try digest(for: signer)
        let content = try content(digest)
        let signature = try destination.open(content: .bytes)
        try signature.write(try signer.sign(content, digest))
    }

    private func digest(for signer: CardKey) throws(CommandFailure) -> Digest? {
        let usual = try signer.signatureAlgorithm().digest
        guard usual != nil || hash == nil else {
            throw CommandFailure(
                "the key \(key.text) (\(signer.publicKey.type.name)) signs files without a hash function",
                hint: "leave --hash out", .usage)
        }
        return hash?.digest ?? usual
    }

    /// The file's hash, or the file itself.
    private func content(_ digest: Digest?) throws(CommandFailure) -> [UInt8] {
        guard let digest else { return try InputFile.read(file) }
        let input = try InputFile(file)
        var context = try computing { () throws(HostCryptoError) in try DigestContext(digest) }
        while true {
            let piece = try input.next()
            guard !piece.isEmpty else {
                return try computing { () throws(HostCryptoError) in try context.copy().finish() }
            }
            try computing { () throws(HostCryptoError) in try context.update(piece.span.bytes) }
        }
    }
}

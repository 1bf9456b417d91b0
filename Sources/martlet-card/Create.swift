import ArgumentParser
import FoundationEssentials
import VirtualCard

/// Makes a state file with keys and certificates, without a reader.
struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a card with keys and certificates.",
        discussion: """
            --key takes SLOT=ALGORITHM, such as 9a=rsa2048: the slots 9a, 9c, 9d, 9e, 82 to 95 and f9; the algorithms \
            rsa1024, rsa2048, rsa3072, rsa4096, p256, p384, ed25519 and x25519. SLOT=file:PATH imports a private key: \
            PKCS#8, DER or PEM, not encrypted. After commas may follow pin=never|once|always, \
            touch=never|always|cached, nocert (no certificate) and gzip (a compressed one).
            Example: --key 9a=rsa2048 --key 9c=p256,gzip --key 82=file:old.pem,pin=never,nocert
            On a card with OpenPGP there are the slots sig, dec and aut too; the algorithms are rsa2048, rsa3072, \
            rsa4096, p256, p384, p521, brainpoolp256r1, brainpoolp384r1, brainpoolp512r1, secp256k1, ed25519 and \
            ed448 (sig and aut), x25519 and x448 (dec). After commas may follow touch and nocert. The certificate \
            of an x25519 or x448 key is signed by the SIG key, so sig comes first.
            Example: --profile openpgp34 --key sig=ed25519 --key dec=x25519 --key aut=rsa2048
            """)

    @OptionGroup var card: CardOptions

    @Option(help: "A key to be made or imported; may be repeated.")
    var key: [KeyArgument] = []

    @Option(help: "A slot whose key gets no certificate; may be repeated.")
    var noCertificate: [String] = []

    @Flag(help: "Write the Key History object.")
    var keyHistory = false

    @Flag(inversion: .prefixedNo, help: "Write CHUID and CCC, as a card in use has them.")
    var identity = true

    @Option(help: "A data object, TAG=HEX: the content of its tag 53; may be repeated.")
    var object: [ObjectArgument] = []

    @Flag(help: "Replace a state file that exists.")
    var force = false

    func run() throws {
        if FileManager.default.fileExists(atPath: card.state) && !force {
            throw ValidationError("\(card.state) exists; --force replaces it")
        }
        var builder = try card.newCard(identified: identity)
        for argument in key {
            switch try argument.plan(noCertificate: noCertificate) {
            case .piv(let plan): try builder.add(plan)
            case .openPGP(let plan): try builder.add(plan)
            }
        }
        if keyHistory { builder.addKeyHistory() }
        for argument in object { builder.addObject(tag: argument.tag, argument.content) }
        try StateFile(path: card.state).save(builder.state)
    }
}

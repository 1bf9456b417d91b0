import ArgumentParser
import HostCrypto
import Token

/// Has the card make a key.
struct GenerateKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Have the card make a key pair, and print its public key.",
        discussion: """
            The private key never leaves the card. With --subject the new key also signs a certificate for itself, which \
            is written beside it: cards that do not tell their public keys (no YubiKey, or one before firmware 5.3) need \
            one to be of use.

            Examples:
              martlet generate 9a --algorithm p256
              martlet generate 9c --algorithm rsa2048 --touch-policy always --subject 'CN=Jane Doe'
              martlet generate sig --algorithm ed25519 --replace
            """)

    @Argument(help: .key)
    var key: KeyName

    @Option(help: "\(KeyAlgorithmName.allValueStrings.joined(separator: ", ")), as the card has them.")
    var algorithm: KeyAlgorithmName

    @OptionGroup var options: NewKeyOptions
    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions
    @OptionGroup var destination: DEROutput

    @Option(help: "Make a certificate with this subject, too.")
    var subject: Subject?

    @Option(help: "For how many days the certificate is valid. (default: \(Validity.usualDays))")
    var days: Int?

    func validate() throws {
        guard days == nil || subject != nil else { throw ValidationError("--days is for --subject") }
        guard (1...36_500).contains(days ?? Validity.usualDays) else {
            throw ValidationError("--days is a number from 1 to 36500")
        }
    }

    func run() throws {
        var card = try selection.token(key.application)
        try options.checkPlace(key, card)
        try card.requireAlgorithm(algorithm.algorithm, at: key)
        try checkSigns(card)
        let file = try destination.open()
        let administrator = try card.askOnceForAdministrator()
        // Whatever is asked of a person is asked, and proven, before anything on the card changes.
        if subject != nil, wantsPIN { try card.provePIN() }
        try administrator.login()
        let publicKey = try make(card)
        // The card first: a full disk takes nothing from it. Where the card fails the public key is written all the same, for
        // cards that do not tell it again.
        let certified = Result { () throws(CommandFailure) in try certify(card, administrator) }
        let written = Result { () throws(CommandFailure) in
            try destination.write(publicKey, label: "PUBLIC KEY", to: file)
        }
        if case .failure(let error) = certified {
            throw made(error, "its certificate is missing: martlet certificate self-sign \(name) --subject NAME")
        }
        if case .failure(let error) = written {
            throw made(
                error,
                subject == nil
                    ? "a request tells its public key: martlet certificate request \(name) --subject NAME"
                    : "its certificate is on the card: martlet certificate export \(name)")
        }
    }

    private var name: String { key.text.lowercased() }

    /// What failed when the key was there already: nobody is to make another one for that.
    private func made(_ error: CommandFailure, _ remedy: String) -> CommandFailure {
        CommandFailure(error.message, hint: "the key \(key.text) is made, and \(remedy)", error.code)
    }

    private func certify(_ card: CardToken, _ administrator: CardToken.Administrator) throws(CommandFailure) {
        guard let subject else { return }
        let certificate = try card.key(key).selfSigned(subject.name, days: days ?? Validity.usualDays)
        try administrator.login()
        try card.write(certificate: certificate, for: key)
    }

    private func make(_ card: CardToken) throws(CommandFailure) -> [UInt8] {
        try Self.make(key, algorithm, options.request, on: card)
    }

    /// Has the card make a key. The administrator must be logged in.
    @discardableResult
    static func make(
        _ key: KeyName, _ algorithm: KeyAlgorithmName, _ request: KeyRequest, on card: CardToken
    ) throws(CommandFailure) -> [UInt8] {
        let spinner = Spinner("The card makes the key \(key.text).")
        defer { spinner.end() }
        return try card.asking("making the key \(key.text)") { () throws(TokenError) in
            try card.token.generateKeyPair(algorithm.algorithm, at: key.privateKey, request)
        }
    }

    /// Whether the new key asks for the PIN where it signs its certificate: that of 9E does not (SP 800-73-5 part 1, table 4b).
    private var wantsPIN: Bool {
        options.request.pin.map { $0 != .never } ?? !(key.application == .piv && key.privateKey.number == 0x9E)
    }

    /// Before a key is replaced by one that could not sign its certificate.
    private func checkSigns(_ card: CardToken) throws(CommandFailure) {
        guard subject != nil, !card.token.usage(of: algorithm.algorithm, at: key.privateKey).contains(.sign) else {
            return
        }
        throw CommandFailure(
            "a \(algorithm.text) key \(key.text) cannot sign a certificate for itself", hint: "leave --subject out",
            .usage)
    }
}

import ArgumentParser
import Token

/// Writes a card's word for a key.
struct Attest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the card's certificate that it made a key itself.",
        discussion: """
            For keys that a YubiKey made: it signs with the key whose certificate is F9 (PIV) or ATT (OpenPGP, firmware 5.2). \
            OpenPGP wants the PIN for it, and puts the attestation into the place of the key's certificate: where there is \
            one, that takes --replace.

            Examples:
              martlet attest 9a --output 9a-attestation.pem
              martlet certificate export f9 --output f9.pem
              martlet attest sig --output sig-attestation.pem
            """)

    @Argument(help: .key)
    var key: KeyName

    @Flag(help: "Lose the certificate that is in the attestation's place (OpenPGP).")
    var replace = false

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions
    @OptionGroup var destination: DEROutput

    func run() throws {
        let card = try selection.token(key.application)
        _ = try card.key(key)
        if key.application == .openPGP, !replace, try card.holdsCertificate(of: key) {
            throw CommandFailure(
                "there is a certificate \(key.text), in the place of the attestation",
                hint: "export it first, or to lose it, add --replace", .usage)
        }
        let file = try destination.open()
        try destination.write(try attestation(card), label: "CERTIFICATE", to: file)
    }

    private func attestation(_ card: CardToken) throws(CommandFailure) -> [UInt8] {
        let what = "attesting the key \(key.text)"
        let policy = try card.asking(what) { () throws(TokenError) in
            try card.token.attestationPolicy(of: key.privateKey)
        }
        if policy.pin != .never { try card.loginUser() }
        let notice = TouchNotice(policy.touch)
        defer { notice.end() }
        return try card.asking(what) { () throws(TokenError) in try card.token.attest(key.privateKey) }
    }
}

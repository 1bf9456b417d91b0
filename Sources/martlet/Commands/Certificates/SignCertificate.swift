import ArgumentParser
import Certificates
import HostCrypto

/// Signs somebody's request with an issuer's key on the card.
struct SignCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Make a certificate of a request (CSR), signed by an issuer's key on the card.",
        discussion: """
            The card must hold the issuer's certificate beside its key: martlet certificate self-sign --ca makes one. The \
            request's own signature is verified first. Names and usages that it asks for are taken over, but for those that \
            are named here; whether the subject may itself issue certificates is said by --ca alone.

            Examples:
              martlet certificate self-sign 9c --subject 'CN=Our CA' --ca --days 3650
              martlet certificate sign 9c request.csr --days 365 --output certificate.pem
              martlet certificate sign 9c server.csr --dns server.example.org --extended-key-usage server-auth
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The request, PEM or DER. The default is standard input.", completion: .file())
    var request: String?

    @OptionGroup var content: CertificateContent
    @OptionGroup var validity: Validity
    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions
    @OptionGroup var destination: DEROutput

    func run() throws {
        let request = try read()
        let card = try selection.token(key.application)
        let signer = try card.key(key)
        let (issuer, certificate) = try issuer(card, signer)
        let pathLength = try pathLength(below: issuer)
        let file = try destination.open()
        let document = try computing { () throws(HostCryptoError) in
            var builder = CertificateBuilder(
                subject: DistinguishedName([]), serialNumber: try CardKey.drawnSerialNumber(),
                notBefore: validity.first, notAfter: last(of: certificate))
            builder.encodedSubject = request.subject
            builder.encodedIssuer = issuer.subject
            builder.extensions = try extensions(request, issuer, pathLength: pathLength)
            return try builder.unsigned(publicKey: request.publicKey, issuerKey: signer.publicKey.type)
        }
        try destination.write(try signer.completed(document), label: "CERTIFICATE", to: file)
    }

    private func extensions(
        _ request: SignedRequest, _ issuer: IssuerCertificate, pathLength: UInt8?
    ) throws(HostCryptoError) -> [CertificateBuilder.Extension] {
        let named = content.extensions(pathLength: pathLength)
        let asked = request.extensions.compactMap(\.forAsking).filter { wanted in
            !named.contains { $0.identifier == wanted.identifier }
        }
        return named + asked + [try .subjectKey(request.publicKey), .authorityKey(issuer.keyIdentifier)]
    }

    /// How many issuers may stand below the new one; nil for any number, and where it is none.
    private func pathLength(below issuer: IssuerCertificate) throws(CommandFailure) -> UInt8? {
        guard content.ca, let limit = issuer.pathLength else { return content.pathLength }
        guard limit > 0, content.pathLength ?? 0 < limit else {
            throw CommandFailure(
                "the certificate of \(key.text) allows \(limit == 0 ? "no" : "only \(limit - 1)") issuers below that one",
                hint: limit == 0 ? "leave --ca out" : "give --path-length \(limit - 1)", .usage)
        }
        return content.pathLength ?? limit - 1
    }

    private func read() throws(CommandFailure) -> SignedRequest {
        let name = request ?? "standard input"
        let bytes = try InputFile.read(request)
        let der =
            PEM.der(in: bytes, label: "CERTIFICATE REQUEST") ?? PEM.der(in: bytes, label: "NEW CERTIFICATE REQUEST")
        guard let der else {
            throw CommandFailure("\(name) holds no request", hint: "give a request (PKCS #10) in PEM or DER", .data)
        }
        do throws(HostCryptoError) {
            return try SignedRequest(der: der)
        } catch .invalidKey {
            throw CommandFailure(
                "the signature of the request in \(name) is not that of its key", hint: "have it made anew", .data)
        } catch .unsupported {
            throw CommandFailure(
                "the request in \(name) has a key or a signature of a kind not known here",
                hint: "RSA, EC and Edwards keys with SHA-2 are known", .data)
        } catch {
            throw CommandFailure("\(name) holds no request", hint: "give a request (PKCS #10) in PEM or DER", .data)
        }
    }

    private func issuer(
        _ card: CardToken, _ signer: CardKey
    ) throws(CommandFailure) -> (names: IssuerCertificate, certificate: Certificate) {
        let der = try card.requiredCertificate(of: key)
        let certificate = try computing { () throws(HostCryptoError) in try Certificate(der: der) }
        let issuer = try computing { () throws(HostCryptoError) in
            try IssuerCertificate(certificate, publicKey: signer.publicKey)
        }
        guard issuer.isAuthority else {
            throw CommandFailure(
                "the certificate of \(key.text) is not an issuer's",
                hint: "make it one: martlet certificate self-sign \(key.text.lowercased()) --subject NAME --ca", .usage)
        }
        guard certificate.publicKey == signer.publicKey else {
            throw CommandFailure(.certificateOfAnotherKey, during: "signing with \(key.text)", card.application)
        }
        if let end = certificate.notAfter, end < validity.first {
            throw CommandFailure(
                "the issuer's certificate ends on \(end.date), before the new one would begin",
                hint: "make it anew: martlet certificate self-sign \(key.text.lowercased()) --subject NAME --ca", .usage
            )
        }
        if let end = certificate.notAfter, end < validity.last, !validity.isUsual {
            throw CommandFailure(
                "the issuer's certificate ends on \(end.date), before the new one would",
                hint: "give fewer --days, or --not-after \(end.timestamp)", .usage)
        }
        return (issuer, certificate)
    }

    /// Where nobody said when, no certificate outlives its issuer's.
    private func last(of issuer: Certificate) -> CalendarTime {
        guard validity.isUsual, let end = issuer.notAfter, end < validity.last else { return validity.last }
        return end
    }
}

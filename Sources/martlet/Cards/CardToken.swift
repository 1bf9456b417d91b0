import HostCrypto
import Token

/// One application of a card in a reader.
struct CardToken {
    let reader: String
    let application: CardApplication
    let token: any Token
    /// The user's PIN, where it was given already and is not to be asked for again.
    var pin: TypedPIN?
    /// The same of the administrator's secret.
    var administratorSecret: TypedPIN?
    /// Whether the PIN is what lets this program write: the person has given it in the place of the administrator's secret.
    var isWrittenByPIN = false

    /// Runs `body` and makes a failure for a person out of what the token answers instead.
    func asking<R>(_ what: String, _ body: () throws(TokenError) -> R) throws(CommandFailure) -> R {
        do throws(TokenError) {
            return try Progress.during(what, body)
        } catch {
            throw CommandFailure(error, during: what, application)
        }
    }

    func information() throws(CommandFailure) -> TokenInformation {
        try asking("reading the card") { () throws(TokenError) in try token.information() }
    }

    func pinStatus() throws(CommandFailure) -> PINStatus {
        try asking("asking for the PIN's tries") { () throws(TokenError) in try token.pinStatus() }
    }

    /// The number that is printed on the token; nil where the card does not tell one.
    func printedNumber() throws(CommandFailure) -> String? {
        try asking("asking for the printed number") { () throws(TokenError) in try token.printedNumber() }
    }

    /// The version of the card's firmware, for a person; nil where the card does not tell.
    func firmware() throws(CommandFailure) -> String? {
        try asking("asking for the firmware's version") { () throws(TokenError) in try token.firmware() }.map {
            "\($0.major).\($0.minor)"
        }
    }

    /// The number that no new key changes, as far as the card tells one.
    func number() throws(CommandFailure) -> String {
        if let printed = try printedNumber() { return printed }
        return try information().serialNumber
    }

    /// Which token it is, for a person: "PIV 12345678".
    func title() throws(CommandFailure) -> String {
        let serial = try information().serialNumber
        return application.rawValue + (serial.isEmpty ? "" : " " + serial)
    }

    /// The certificate that lies with a key; nil where there is none.
    func certificate(of key: KeyName) throws(CommandFailure) -> [UInt8]? {
        let object = key.certificate
        return try asking("reading the certificate of \(key.text)") { () throws(TokenError) in
            try token.present(among: [object], areNamed: true).isEmpty ? nil : try token.value(of: object)
        }
    }

    /// Whether something lies in the place of a key's certificate, also what cannot be read as one.
    func holdsCertificate(of key: KeyName) throws(CommandFailure) -> Bool {
        if try certificate(of: key) != nil { return true }
        return try asking("reading the certificate of \(key.text)") { () throws(TokenError) in
            try token.unreadableCertificate(at: key.certificate) != nil
        }
    }

    /// A certificate that must be there.
    func requiredCertificate(of key: KeyName) throws(CommandFailure) -> [UInt8] {
        guard let der = try certificate(of: key) else {
            throw CommandFailure(
                "the card has no certificate for \(key.text)", hint: "martlet list shows what is there", .unavailable)
        }
        return der
    }

    /// Whether a private key is in this place, as far as the card tells.
    func hasKey(_ name: KeyName) throws(CommandFailure) -> Bool {
        try asking("looking for the key \(name.text)") { () throws(TokenError) in
            try !token.present(among: [name.privateKey], areNamed: true).isEmpty
        }
    }

    /// A key that must be there.
    func key(_ name: KeyName) throws(CommandFailure) -> CardKey {
        guard try hasKey(name) else {
            throw CommandFailure(
                "there is no key \(name.text) on the card", hint: "martlet list shows the keys that are there")
        }
        return try CardKey(self, name)
    }
}

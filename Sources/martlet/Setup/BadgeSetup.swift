import Certificates
import HostCrypto
import Keys
import Platform
import Token

/// One card, set up for one row. The order lets a run that was broken off go on: key and certificate come while the secrets are
/// the maker's, the PIN changes last, and what the card has already is left.
struct BadgeSetup {
    private var card: CardToken
    private let row: BadgeRow
    private let list: SealedList

    init(_ card: CardToken, _ row: BadgeRow, _ list: SealedList) {
        (self.card, self.row, self.list) = (card, row, list)
    }

    /// The secrets that the card is to have; nil where it has one already that an earlier sealed file tells.
    private struct Secrets {
        var pin: TypedPIN?
        var code: TypedPIN?
        var key: TypedPIN?
    }

    /// - Returns: the card's serial number at the end.
    mutating func run() throws -> String {
        let serial = try card.number()
        let factory = try card.asking("asking for the maker's secrets") { () throws(TokenError) in
            try card.token.factorySecrets()
        }
        guard let factory else {
            throw CommandFailure(
                "the card does not tell of its secrets any more", hint: "set it up by itself: martlet setup")
        }
        guard factory.contains(.pin) else {
            // The PIN changes last, so all was done but the last line of the record.
            try list.finish(row, serial)
            return serial
        }
        try card.requireAlgorithm(row.algorithm.algorithm, at: row.key)
        let secrets = Secrets(
            pin: try .drawn(digits: 6), code: factory.contains(.unblockingCode) ? try .drawn(digits: 8) : nil,
            key: factory.contains(.administratorSecret)
                ? try ManagementKey.randomKey(asLongAs: TypedPIN(known: card.application.factoryAdministratorSecret))
                : nil)
        var text = document(secrets, serial)
        // A card that was reset meanwhile begins anew.
        let noted = try card.hasKey(row.key) ? list.last(serial: serial)?.key : nil
        try list.begin(row, serial, key: noted, &text)
        card.pin = try TypedPIN(known: card.application.factoryPIN)
        if factory.contains(.administratorSecret) {
            card.administratorSecret = try TypedPIN(known: card.application.factoryAdministratorSecret)
            try makeKey(serial)
        } else {
            try finishKeyChange()
        }
        try change(secrets)
        try list.finish(row, serial)
        return serial
    }

    /// An earlier run may have ended between the new management key and its last mark.
    private func finishKeyChange() throws(CommandFailure) {
        guard try !card.unfinishedChanges().isEmpty else { return }
        try card.loginUser()
        try card.asking("finishing the change of the management key") { () throws(TokenError) in
            try card.token.finishChanges()
        }
    }

    private func makeKey(_ serial: String) throws(CommandFailure) {
        // One that is there is this row's: the card was looked at before its turn.
        if try !card.hasKey(row.key) {
            try card.loginAdministrator()
            try GenerateKey.make(row.key, row.algorithm, KeyRequest(), on: card)
        }
        let key = try card.key(row.key)
        if list.last(serial: serial)?.key == nil { try list.noteKey(row, serial, key.publicKey.sha256()) }
        switch row.certificate {
        case .none: break
        case .selfSign:
            guard try card.certificate(of: row.key) == nil else { return }
            let certificate = try key.selfSigned(row.subject.name, days: row.days)
            try card.loginAdministrator()
            try card.write(certificate: certificate, for: row.key)
        case .request:
            let request = try computing { () throws(HostCryptoError) in
                try CertificateRequest.unsigned(subject: row.subject.name, publicKey: key.publicKey)
            }
            let file = try OutputFile(list.path(serial, "csr"), isSecret: false, isReplacing: true)
            try file.write(Array(PEM.text(try key.completed(request), label: "CERTIFICATE REQUEST").utf8))
        }
    }

    private func change(_ secrets: Secrets) throws(CommandFailure) {
        if let key = secrets.key, let old = card.administratorSecret {
            try ManagementKeyChange.behindPIN(card, from: old, to: key)
        }
        if let code = secrets.code, let known = card.application.factoryUnblockingCode {
            let old = try TypedPIN(known: known)
            try card.giving("PUK") { () throws(TokenError) in
                try old.withBytes { (old) throws(TokenError) in
                    try code.withBytes { (new) throws(TokenError) in
                        try card.token.changeUnblockingCode(from: old, to: new)
                    }
                }
            }
        }
        guard let pin = secrets.pin, let old = card.pin else { return }
        try card.asking("changing the PIN") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try pin.withBytes { (new) throws(TokenError) in try card.token.changePIN(from: old, to: new) }
            }
        }
    }

    /// What is sealed. It is the only copy, which the caller wipes.
    private func document(_ secrets: Secrets, _ serial: String) -> [UInt8] {
        var text = [UInt8]()
        text.reserveCapacity(4096)
        text += "name: \(row.name.printable)\nserial: \(serial)\n".utf8
        for (title, secret) in [("PIN", secrets.pin), ("PUK", secrets.code), ("management key", secrets.key)] {
            text += "\(title): ".utf8
            if let secret {
                secret.withBytes { bytes in bytes.withUnsafeBytes { text += $0 } }
            } else {
                text += "as an earlier file of this card tells".utf8
            }
            text += "\n".utf8
        }
        return text
    }
}

extension PublicKey {
    /// The SHA-256 of its SubjectPublicKeyInfo, in hexadecimal digits.
    func sha256() throws(CommandFailure) -> String {
        try computing { () throws(HostCryptoError) in try Digest.sha256.hash(subjectPublicKeyInfo) }.hexadecimal
    }
}

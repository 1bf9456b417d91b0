import Keys
import Token

extension CardToken {
    /// Puts a certificate in the place of the one that a key has. The administrator must be logged in.
    func write(certificate: [UInt8], for key: KeyName) throws(CommandFailure) {
        try asking("writing the certificate of \(key.text)") { () throws(TokenError) in
            try token.write(certificate, to: key.certificate, ifStill: nil)
        }
    }

    /// Throws where a key or a certificate is in this place, or a key may be: a card that tells of keys by their
    /// certificates alone says nothing of one that waits for its certificate.
    func requireEmpty(_ key: KeyName, hint: String) throws(CommandFailure) {
        let content = try asking("looking for the key \(key.text)") { () throws(TokenError) in
            try token.content(of: key.privateKey)
        }
        let found: String
        switch content {
        case .nothing: return
        case .key: found = "there is a key \(key.text) already"
        case .certificate: found = "there is a certificate \(key.text), of a key that is elsewhere"
        case .untold: found = "the card does not tell whether there is a key \(key.text)"
        }
        throw CommandFailure(found, hint: hint, .usage)
    }

    /// Throws where a key of this algorithm cannot be in this place.
    func requireAlgorithm(_ algorithm: KeyType, at key: KeyName) throws(CommandFailure) {
        let known = try asking("asking for algorithms") { () throws(TokenError) -> [KeyType]? in
            try token.mayHave(algorithm, at: key.privateKey) ? nil : token.keyAlgorithms(at: key.privateKey)
        }
        guard let known else { return }
        let name = KeyAlgorithmName.allCases.first { $0.algorithm == algorithm }?.text ?? "such"
        let names = KeyAlgorithmName.allCases.filter { known.contains($0.algorithm) }.map(\.text)
        throw CommandFailure(
            "the card has no \(name) keys as \(key.text)",
            hint: names.isEmpty ? "choose another key" : "choose one of " + names.joined(separator: ", "), .usage)
    }

    /// What changes that were broken off have left, in words.
    func unfinishedChanges() throws(CommandFailure) -> [String] {
        let left = try asking("looking for unfinished changes") { () throws(TokenError) in
            try token.unfinishedChanges()
        }
        return left.map { object in
            let name = application.name(ofKey: object.number)
            return switch object.kind {
            case .certificate: "the certificate of \(name) is not that of its key"
            case .data: "the management key behind the PIN may be an old one"
            case .attestation, .publicKey, .privateKey, .secretKey: "the key \(name) lacks what belongs to it"
            }
        }
    }
}

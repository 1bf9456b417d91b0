import TestSupport

/// A use of a card's key by a mechanism.
struct KeyUse: Sendable, CustomStringConvertible {
    enum Deed: String {
        case sign, decrypt
    }

    let deed: Deed
    /// The mechanism by the name that `pkcs11-tool` has for it.
    let mechanism: String
    let key: TestedCard.Key

    var description: String { "\(deed) with \(key.kind) \(key.id), \(mechanism)" }

    /// What is signed, or has been encrypted: as long as a hash, for mechanisms that take one.
    static let message = [UInt8]("It is this that is signed.......".utf8)

    /// All that the module lets the key do.
    static func all(of key: TestedCard.Key) -> [KeyUse] {
        let signing =
            key.isRSA
            ? SigningMechanism.rsa : key.kind.hasPrefix("ed") ? SigningMechanism.eddsa : SigningMechanism.ecdsa
        return (key.signs ? signing.map { KeyUse(deed: .sign, mechanism: $0.name, key: key) } : [])
            + (key.decrypts ? [KeyUse(deed: .decrypt, mechanism: "RSA-PKCS", key: key)] : [])
    }
}

/// A use, and the files that a client reads and writes for it.
struct KeyJob {
    let use: KeyUse
    let input: String
    let output: String

    /// The job in a line, for a client that does many.
    var line: String {
        [use.deed.rawValue, use.key.id, use.key.certificate, use.mechanism, input, output].joined(separator: "\t")
    }
}

import TestSupport

/// A use of a card's key by a mechanism.
struct KeyUse: Sendable, CustomStringConvertible {
    enum Deed: String {
        case sign, decrypt, derive, unwrap
        case signRecover = "sign-recover"
        /// With the public key, on the host.
        case wrap
    }

    let deed: Deed
    /// The mechanism by the name that `pkcs11-tool` has for it.
    let mechanism: String
    let key: TestedCard.Key

    var description: String { "\(deed) with \(key.kind) \(key.id), \(mechanism)" }

    /// What is signed, or has been encrypted, or is the value of a wrapped key: as long as a hash, for mechanisms that
    /// take one.
    static let message = [UInt8]("It is this that is signed.......".utf8)

    /// What goes into the bare operation of RSA: a number as long as the modulus, and smaller.
    var block: [UInt8] { [0] + [UInt8](repeating: 0x6D, count: key.size / 8 - 1) }

    /// All that the module lets the key do.
    static func all(of key: TestedCard.Key, on card: TestedCard) -> [KeyUse] {
        var mechanisms: [Deed: [String]] = [:]
        if key.signs { mechanisms[.sign] = signingMechanisms(key, card) }
        if key.signs, key.isRSA { mechanisms[.signRecover] = ["RSA-PKCS"] + (card.padsRSA ? [] : ["RSA-X-509"]) }
        if key.decrypts, key.isRSA {
            let paddings = ["RSA-PKCS"] + (card.padsRSA ? [] : ["RSA-PKCS-OAEP"])
            mechanisms[.decrypt] = paddings + (card.padsRSA ? [] : ["RSA-X-509"])
            mechanisms[.unwrap] = paddings + (card.padsRSA ? [] : ["RSA-AES-KEY-WRAP"])
            mechanisms[.wrap] = paddings
        } else if key.decrypts {
            mechanisms[.derive] = ["ECDH1-DERIVE"]
            if !key.isMontgomery { mechanisms[.unwrap] = ["ECDH-AES-KEY-WRAP"] }
        }
        return mechanisms.flatMap { deed, names in names.map { KeyUse(deed: deed, mechanism: $0, key: key) } }
    }

    private static func signingMechanisms(_ key: TestedCard.Key, _ card: TestedCard) -> [String] {
        guard key.isRSA else {
            return (key.kind.hasPrefix("ed") ? SigningMechanism.eddsa : SigningMechanism.ecdsa).map(\.name)
        }
        // The hash and a salt as long must fit into the modulus.
        let pss = SigningMechanism.pss.filter { key.size > 1024 || $0.digest?.hasSuffix("512") != true }
        return SigningMechanism.rsa.map(\.name) + (card.padsRSA ? [] : pss.map(\.name) + ["RSA-X-509"])
    }
}

/// A use, and the files that a client reads and writes for it.
struct KeyJob {
    let use: KeyUse
    let input: String
    let output: String
    /// What the output must be; nil for a signature, which is verified.
    let expected: String?

    /// The job in a line, for a client that does many.
    var line: String {
        [use.deed.rawValue, use.key.id, use.key.certificate, use.mechanism, input, output].joined(separator: "\t")
    }
}

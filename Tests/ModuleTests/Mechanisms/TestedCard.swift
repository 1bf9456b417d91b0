import TestSupport
import Testing

/// A simulated card whose keys every client uses.
struct TestedCard: Sendable, CustomTestStringConvertible {
    /// A key of the card.
    struct Key: Sendable {
        /// CKA_ID in hexadecimal digits.
        let id: String
        /// What it is, as `martlet-card` says it, such as `rsa2048`.
        let kind: String
        /// The label of its certificate.
        let certificate: String
        let signs: Bool
        /// Whether it decrypts, or agrees on keys.
        let decrypts: Bool

        var isRSA: Bool { kind.hasPrefix("rsa") }
        var isMontgomery: Bool { kind.hasPrefix("x") }
        /// Whether it is on a curve of RFC 7748 or RFC 8032, which many programs do not know.
        var isOfNewKind: Bool { isMontgomery || kind.hasPrefix("ed") }
        /// Its length in bits.
        var size: Int { Int(kind.drop { !$0.isNumber }) ?? 0 }
    }

    /// The application of the card, as the table names it.
    let application: String
    let card: SimulatedCard
    /// The token's label.
    let token: String
    let keys: [Key]

    /// Whether the card puts paddings on and takes them off itself, and knows those of PKCS #1 v1.5 alone.
    var padsRSA: Bool { application == "OpenPGP" }

    var testDescription: String { "\(application) with \(keys.map(\.kind).joined(separator: ", "))" }

    static let all = [
        piv(["rsa2048", "p384", "rsa3072", "p256"], retired: ["rsa1024", "rsa4096"]),
        piv(["ed25519", "ed25519", "x25519"]),
        openPGP("openpgp34", signature: "rsa2048", decryption: "rsa4096", authentication: "p256"),
        openPGP("yubikey57-both", signature: "p384", decryption: "rsa2048", authentication: "rsa4096"),
        openPGP("openpgp34", signature: "ed25519", decryption: "rsa3072", authentication: "ed25519"),
        openPGP("openpgp34", signature: "rsa3072", decryption: "p256", authentication: "p384"),
        openPGP("openpgp34", signature: "p521", decryption: "p521", authentication: "brainpoolp256r1"),
        openPGP(
            "openpgp34", signature: "brainpoolp384r1", decryption: "brainpoolp512r1", authentication: "secp256k1"),
        openPGP("openpgp34", signature: "ed448", decryption: "x448", authentication: "brainpoolp512r1"),
    ]

    /// Keys of these kinds in 9A, 9C, 9D, 9E, and in the slots of retired keys from 82 on.
    static func piv(_ kinds: [String], retired: [String] = []) -> TestedCard {
        let named = zip(
            ["PIV Authentication", "Digital Signature", "Key Management", "Card Authentication"], kinds
        ).map { ("Certificate for \($0)", $1) }
        let old = retired.enumerated().map { ("Retired Certificate for Key Management \($0 + 1)", $1) }
        let keys = (named + old).enumerated().map { index, key in
            Key(
                id: "0\(index + 1)", kind: key.1, certificate: key.0, signs: !key.1.hasPrefix("x"),
                decrypts: !key.1.hasPrefix("ed"))
        }
        let slots = ["9a", "9c", "9d", "9e"] + retired.indices.map { "8\($0 + 2)" }
        let card = SimulatedCard(
            keys: zip(slots, keys).map { "\($0)=\($1.kind)" }, arguments: ["--key-history"])
        return TestedCard(application: "PIV", card: card, token: "Martlet 9a", keys: keys)
    }

    static func openPGP(
        _ profile: String, signature: String, decryption: String, authentication: String
    ) -> TestedCard {
        let keys = [
            Key(id: "01", kind: signature, certificate: "SIG certificate", signs: true, decrypts: false),
            Key(id: "02", kind: decryption, certificate: "DEC certificate", signs: false, decrypts: true),
            Key(id: "03", kind: authentication, certificate: "AUT certificate", signs: true, decrypts: false),
        ]
        let card = SimulatedCard(profile: profile, keys: zip(["sig", "dec", "aut"], keys).map { "\($0)=\($1.kind)" })
        return TestedCard(application: "OpenPGP", card: card, token: OpenPGPClients.token, keys: keys)
    }
}

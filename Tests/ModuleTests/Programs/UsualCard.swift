import TestSupport
import Testing

/// What a person does with a program beyond single signatures, on each card.
extension TestedCard {
    /// A card of each application, with keys that every program knows.
    static let usual = [
        piv(["rsa2048", "p256", "rsa2048", "p256"]),
        openPGP("openpgp34", signature: "rsa2048", decryption: "rsa2048", authentication: "p256"),
    ]

    /// The first key of a kind that signs.
    func signer(_ kind: String) throws -> Key { try #require(keys.first { $0.signs && $0.kind == kind }) }

    /// Ends a test that wants an OpenPGP card to sign as TLS 1.3 demands it of RSA keys.
    func skip(_ signature: TLSSignature) throws {
        if signature.isPSS, padsRSA { try Test.cancel("OpenPGP cards make no signatures with PSS") }
    }

    /// The key that others encrypt for.
    var decrypter: Key { get throws { try #require(keys.last { $0.decrypts }) } }
}

/// How a TLS client signs: the options of `s_server` that demand it, and the kind of key that can.
struct TLSSignature: Sendable, CustomTestStringConvertible {
    let options: [String]
    let kind: String
    var isPSS = false
    var testDescription: String { options.joined(separator: " ") }

    static let all = [
        TLSSignature(options: ["-tls1_3", "-client_sigalgs", "ECDSA+SHA256"], kind: "p256"),
        TLSSignature(
            options: ["-tls1_3", "-client_sigalgs", "RSA-PSS+SHA256:RSA+SHA256"], kind: "rsa2048", isPSS: true),
        TLSSignature(options: ["-tls1_2", "-client_sigalgs", "RSA+SHA256"], kind: "rsa2048"),
    ]
}

import Testing

/// A mechanism by the name that `pkcs11-tool` has for it.
struct SigningMechanism: Sendable, CustomTestStringConvertible {
    let name: String
    /// The digest by the name that OpenSSL has for it; nil if the mechanism signs what it is given.
    let digest: String?

    init(_ name: String) {
        self.name = name
        digest = name.firstMatch(of: /SHA3-[0-9]+|SHA[0-9]+/).map { String($0.output) }
    }

    var isECDSA: Bool { name.hasPrefix("ECDSA") }
    var isPSS: Bool { name.hasSuffix("-PSS") }
    var testDescription: String { name }

    /// What OpenSSL must be told of the mechanism, as `pkeyutl -pkeyopt` and `dgst -sigopt` have it.
    var options: [String] {
        guard isPSS else { return [] }
        // The digest first: `pkcs11-provider` 1.0 knows no salt as long as a digest that has not been named.
        return (digest == nil ? ["digest:sha256"] : []) + ["rsa_padding_mode:pss", "rsa_pss_saltlen:digest"]
    }

    /// The digests that mechanisms have in their names.
    static let digests =
        ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] + ["224", "256", "384", "512"].map { "SHA3-" + $0 }

    static let rsa = (["RSA-PKCS"] + digests.map { $0 + "-RSA-PKCS" }).map(SigningMechanism.init)
    static let pss = (["RSA-PKCS-PSS"] + digests.map { $0 + "-RSA-PKCS-PSS" }).map(SigningMechanism.init)
    static let ecdsa = (["ECDSA"] + digests.map { "ECDSA-" + $0 }).map(SigningMechanism.init)
    static let eddsa = [SigningMechanism("EDDSA")]
}

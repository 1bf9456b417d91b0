import ArgumentParser
import Certificates
import CLibrary
import HostCrypto

/// What a certificate says beside the subject's name.
struct CertificateContent: ParsableArguments {
    @Option(help: "A host that the certificate is for; may be given more than once.")
    var dns: [String] = []

    @Option(help: "An address of mail that it is for.")
    var email: [String] = []

    @Option(help: "An IP address that it is for, of version 4 or 6.")
    var ip: [String] = []

    @Option(help: "A user of a domain that it is for, such as jane@EXAMPLE.ORG: for PKINIT and Windows.")
    var upn: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the key may be used for, with commas: \(KeyUsageName.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "list"))
    var keyUsage: NameList<KeyUsageName>?

    @Option(
        help: ArgumentHelp(
            "What the certificate is for, with commas: \(CertificatePurpose.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "list"))
    var extendedKeyUsage: NameList<CertificatePurpose>?

    @Flag(help: "The subject may issue certificates.")
    var ca = false

    @Option(help: "With --ca: how many issuers may stand below it.")
    var pathLength: UInt8?

    func validate() throws {
        guard ca || pathLength == nil else { throw ValidationError("--path-length is for --ca") }
        guard ca || keyUsage?.names.contains(.certSign) != true else {
            throw ValidationError("--key-usage cert-sign is for --ca")
        }
        for name in dns where !Self.isHost(name) {
            throw ValidationError(
                "'\(name)' is no host in plain letters; one of other letters has a form that begins with xn--")
        }
        for address in email where !address.allSatisfy(\.isASCII) || !Self.hasTwoSides(address) {
            throw ValidationError("'\(address)' is no address of mail")
        }
        for name in upn where !Self.hasTwoSides(name) {
            throw ValidationError("'\(name)' is no user of a domain: jane@EXAMPLE.ORG")
        }
        for address in ip where Self.bytes(ofAddress: address) == nil {
            throw ValidationError("'\(address)' is no IP address")
        }
    }

    var names: [AlternativeName] {
        dns.map(AlternativeName.dns) + email.map(AlternativeName.email)
            + ip.compactMap(Self.bytes).map(AlternativeName.address) + upn.map(AlternativeName.userPrincipal)
    }

    /// Letters, digits and hyphens between dots (RFC 5280, section 4.2.1.6), and what is in use beside them: `*` and `_`.
    private static func isHost(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_*".contains($0)) }
        }
    }

    /// Whether there is one `@`, and something on each side.
    private static func hasTwoSides(_ name: String) -> Bool {
        let sides = name.split(separator: "@", omittingEmptySubsequences: false)
        return sides.count == 2 && sides.allSatisfy { !$0.isEmpty } && !name.contains(where: \.isWhitespace)
    }

    /// The extensions that were asked for.
    var extensions: [CertificateBuilder.Extension] { extensions(pathLength: pathLength) }

    /// The extensions that were asked for, with another path length.
    func extensions(pathLength: UInt8?) -> [CertificateBuilder.Extension] {
        var usages = Set(keyUsage?.names.map(\.usage) ?? [])
        if ca { usages.formUnion([.certificateSigning, .listSigning]) }
        return (ca ? [.authority(pathLength: pathLength)] : []) + (usages.isEmpty ? [] : [.keyUsage(usages)])
            + (extendedKeyUsage.map { [.purposes($0.names)] } ?? []) + (names.isEmpty ? [] : [.alternativeNames(names)])
    }

    private static func bytes(ofAddress text: String) -> [UInt8]? {
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
        return nil
    }
}

/// A list of names with commas between them.
struct NameList<Name: RawRepresentable<String> & CaseIterable & Sendable>: ExpressibleByArgument {
    let names: [Name]

    init?(argument: String) {
        let parts = argument.lowercased().split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { $0 != " " }
        }
        let names = parts.compactMap { Name(rawValue: $0) }
        guard names.count == parts.count, !names.isEmpty else { return nil }
        self.names = names
    }
}

/// A use of a key, as people name it.
enum KeyUsageName: String, CaseIterable, Sendable {
    case digitalSignature = "digital-signature"
    case nonRepudiation = "non-repudiation"
    case keyEncipherment = "key-encipherment"
    case dataEncipherment = "data-encipherment"
    case keyAgreement = "key-agreement"
    case certSign = "cert-sign"
    case crlSign = "crl-sign"

    var usage: CertificateKeyUsage {
        switch self {
        case .digitalSignature: .digitalSignature
        case .nonRepudiation: .contentCommitment
        case .keyEncipherment: .keyEncipherment
        case .dataEncipherment: .dataEncipherment
        case .keyAgreement: .keyAgreement
        case .certSign: .certificateSigning
        case .crlSign: .listSigning
        }
    }
}

import ArgumentParser
import Certificates
import HostCrypto

/// The subject of a certificate, as people write it.
struct Subject: ExpressibleByArgument {
    let name: DistinguishedName

    init?(argument: String) {
        guard let name = try? DistinguishedName(text: argument) else { return nil }
        self.name = name
    }
}

extension ArgumentHelp {
    static let subject: ArgumentHelp = ArgumentHelp(
        """
        A name such as 'CN=Jane Doe,O=Example,C=DE', or a common name alone. Types: \
        \(DistinguishedName.Attribute.allCases.map(\.rawValue).joined(separator: ", ")).
        """, valueName: "name")
}

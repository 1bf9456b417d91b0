import CLibrary
import Token

/// Whether configurations name keys, by `pkcs11:` URIs, that no card here has: a new certificate may have given the token
/// another name.
enum ConfigurationCheck {
    /// Where a URI stands.
    private struct Place {
        let name: String
        let text: String
        /// What else is to be done there.
        var hint = ""
    }

    /// ssh's, OpenSSL's and LUKS's files.
    private static var files: [String] {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/nonexistent"
        let openssl = getenv("OPENSSL_CONF").map { String(cString: $0) } ?? "/etc/ssl/openssl.cnf"
        return [home + "/.ssh/config"] + within(home + "/.ssh/config.d") + ["/etc/ssh/ssh_config"]
            + within("/etc/ssh/ssh_config.d") + [openssl, "/etc/crypttab"]
    }

    private static func within(_ folder: String) -> [String] { FileTree.names(in: folder).map { "\(folder)/\($0)" } }

    static func findings(_ cards: [CardToken]) -> [Finding] {
        let places = files.flatMap(places) + LUKSHeader.all().flatMap(places)
        // Without a card nothing can be said of a URI.
        guard !places.isEmpty, !cards.isEmpty else { return [] }
        let known = cards.compactMap { card -> (TokenInformation, [KeyReport.Content])? in
            guard let token = try? card.information() else { return nil }
            return (token, (try? card.contents(areAllSought: true)) ?? [])
        }
        return places.compactMap { finding($0, known) }
    }

    private static func places(in file: String) -> [Place] {
        let lines = FileTree.text(of: file)?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        return lines.enumerated().flatMap { index, line -> [Place] in
            guard !line.drop(while: { $0.isWhitespace }).hasPrefix("#") else { return [] }
            return line.ranges(of: "pkcs11:").map { range in
                let text = line[range.lowerBound...].prefix { !$0.isWhitespace && !"\"',".contains($0) }
                return Place(name: "\(file), line \(index + 1)", text: String(text))
            }
        }
    }

    private static func places(in header: LUKSHeader) -> [Place] {
        header.uris.map { uri in
            Place(
                name: "the LUKS header of \(header.device)", text: uri,
                hint:
                    "; sudo systemd-cryptenroll --wipe-slot=pkcs11 --pkcs11-token-uri=auto \(header.device.shellWord) "
                    + "writes the header anew")
        }
    }

    private static func finding(_ place: Place, _ known: [(TokenInformation, [KeyReport.Content])]) -> Finding? {
        guard let uri = PKCS11URI(place.text) else {
            // Such as "pkcs11:" alone with other words: the programs complain themselves.
            return .note(
                "\(place.name): '\(place.text)' is no pkcs11: URI", mend: "write it anew: martlet info KEY shows one")
        }
        let isFound = known.contains { token, contents in
            uri.matches(token) && (contents.isEmpty || contents.contains(where: uri.matches))
        }
        guard !isFound else { return nil }
        let sameKey = known.flatMap { token, contents in contents.filter(uri.matches).map { (token, $0) } }.first
        let advice =
            sameKey.map { "the key of that id here is \(PKCS11URI.text($0.0, $0.1))" }
            ?? "martlet info KEY shows a key's URI"
        return .note("\(place.name) names what no card here has: \(place.text)", mend: advice + place.hint)
    }
}

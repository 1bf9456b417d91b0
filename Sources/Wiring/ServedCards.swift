import Token

/// Which cards the module serves, where another module is to serve the others. An empty list names all.
public struct ServedCards: Sendable {
    /// How the names of readers begin, in small letters.
    private let readers: [String]
    /// Serial numbers of tokens, in small letters.
    private let serials: [String]
    /// `piv` and `openpgp`.
    private let applications: [String]

    /// Every card.
    public static let all = ServedCards(readers: "", serials: "", applications: "")

    /// - Parameters: lists whose items have commas between them; capital and small letters are the same.
    init(readers: String, serials: String, applications: String) {
        self.readers = Self.items(readers)
        self.serials = Self.items(serials)
        self.applications = Self.items(applications)
    }

    private static func items(_ list: String) -> [String] {
        list.lowercased().split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
    }

    /// Whether the cards in a reader are served.
    func includes(reader name: String) -> Bool {
        let name = name.lowercased()
        return readers.isEmpty || readers.contains { name.hasPrefix($0) }
    }

    /// The token, where there is one and its number is served. Asks the card only where numbers are named.
    func selection(_ token: (any Token)?) throws(TokenError) -> (any Token)? {
        guard let token, !serials.isEmpty else { return token }
        return serials.contains(try token.information().serialNumber.lowercased()) ? token : nil
    }

    /// Whether an application is served.
    func includes(application: String) -> Bool { applications.isEmpty || applications.contains(application) }
}

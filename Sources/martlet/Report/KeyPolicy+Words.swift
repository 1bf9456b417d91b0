import ArgumentParser
import Token

extension KeyUsage {
    /// The uses, in words.
    var words: [String] {
        let names: [(KeyUsage, String)] = [(.sign, "sign"), (.decrypt, "decrypt"), (.derive, "derive")]
        return names.filter { contains($0.0) }.map(\.1)
    }
}

extension KeyPolicy.PINPolicy {
    /// The policy in a word.
    var word: String {
        switch self {
        case .never: "never"
        case .once: "once"
        case .always: "always"
        }
    }
}

extension KeyPolicy.TouchPolicy {
    /// The policy in a word.
    var word: String {
        switch self {
        case .never: "never"
        case .always: "always"
        case .cached: "cached"
        }
    }
}

extension KeyPolicy.Origin {
    /// The origin in a word.
    var word: String {
        switch self {
        case .generated: "generated"
        case .imported: "imported"
        case .unknown: "unknown"
        }
    }
}

extension KeyPolicy.PINPolicy: CaseIterable, ExpressibleByArgument {
    /// All policies.
    public static let allCases: [Self] = [.never, .once, .always]

    /// The policy of this word.
    public init?(argument: String) {
        guard let policy = Self.allCases.first(where: { $0.word == argument }) else { return nil }
        self = policy
    }

    /// The words for them.
    public static var allValueStrings: [String] { allCases.map(\.word) }
}

extension KeyPolicy.TouchPolicy: CaseIterable, ExpressibleByArgument {
    /// All policies.
    public static let allCases: [Self] = [.never, .always, .cached]

    /// The policy of this word.
    public init?(argument: String) {
        guard let policy = Self.allCases.first(where: { $0.word == argument }) else { return nil }
        self = policy
    }

    /// The words for them.
    public static var allValueStrings: [String] { allCases.map(\.word) }
}

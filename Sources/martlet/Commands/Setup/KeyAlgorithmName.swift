import ArgumentParser
import Keys

/// A type of key, as people name it: an RSA key that cards make, or a key on a curve.
struct KeyAlgorithmName: CaseIterable, ExpressibleByArgument {
    static let allCases = ([2048, 3072, 4096].map { .rsa(bits: $0) } + KeyType.onCurves).map(KeyAlgorithmName.init)
    static var allValueStrings: [String] { allCases.map(\.text) }

    /// What a key is where nobody says: quick on every card, and known to all programs.
    static let usual = KeyAlgorithmName(.ec(.p256))

    let algorithm: KeyType

    /// The name in an option.
    var text: String { algorithm.word }

    private init(_ algorithm: KeyType) { self.algorithm = algorithm }

    init?(argument: String) {
        guard let known = Self.allCases.first(where: { $0.text == argument }) else { return nil }
        self = known
    }
}

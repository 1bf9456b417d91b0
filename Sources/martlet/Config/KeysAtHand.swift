import Token

/// The keys on the cards in the readers that are meant, looked at once for all programs.
struct KeysAtHand {
    private let keys: [ChosenKey]
    /// How many readers have such a card.
    private let readerCount: Int
    /// Why there are none, in words.
    let problem: String?

    /// Asks no card.
    static let none = KeysAtHand(keys: [], readerCount: 0, problem: nil)

    private init(keys: [ChosenKey], readerCount: Int, problem: String?) {
        (self.keys, self.readerCount, self.problem) = (keys, readerCount, problem)
    }

    /// Looks at the cards.
    ///
    /// - Parameter name: the key that was named; else all that the cards tell of are looked at.
    /// - Throws: where a card or a key was named, and is not there.
    init(_ selection: CardSelection, _ name: KeyName?) throws(CommandFailure) {
        do throws(CommandFailure) {
            let cards = try selection.tokens().filter { name == nil || $0.application == name?.application }
            var keys: [ChosenKey] = []
            for card in cards {
                let token = try card.information()
                let contents = try card.contents(areAllSought: name != nil)
                let labels = card.token.catalogue
                keys += contents.filter { $0.policy != nil && (name == nil || $0.name == name) }.map { content in
                    ChosenKey(
                        token: token, padsRSA: card.token.padsRSA, content: content,
                        certificateLabel: labels.first { $0.reference == content.name.certificate }?.label ?? "")
                }
            }
            let readerCount = Set(cards.map(\.reader)).count
            let problem: String? = keys.isEmpty ? "the card has no key yet" : nil
            self.init(keys: keys, readerCount: readerCount, problem: problem)
        } catch {
            guard name == nil, selection.reader == nil, selection.serial == nil else { throw error }
            self.init(keys: [], readerCount: 0, problem: error.message)
        }
        guard let name, keys.isEmpty else { return }
        throw CommandFailure(
            "there is no key \(name.text) on the card", hint: "martlet list shows the keys that are there")
    }

    /// The key that fits best; nil where there is no card.
    ///
    /// - Throws: where several cards are there.
    func best(for demand: KeyDemand) throws(CommandFailure) -> ChosenKey? {
        guard readerCount < 2 else {
            throw CommandFailure(
                "more than one card is in a reader",
                hint: "name one with --reader or --serial; martlet list shows them", .usage)
        }
        // A key that was named is taken as it is.
        let fitting = keys.compactMap { key in demand.rank(key.content).map { (key: key, rank: $0) } }
        return fitting.min { $0.rank < $1.rank }?.key ?? (keys.count == 1 ? keys[0] : nil)
    }
}

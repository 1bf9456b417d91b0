/// What a card's applications keep without power, in one place.
final class CardMemory {
    /// The state as it was put away last.
    private(set) var state: CardState
    private let save: (CardState) throws -> Void

    init(_ state: CardState, save: @escaping (CardState) throws -> Void) {
        self.state = state
        self.save = save
    }

    /// Changes the state and puts it away; where it cannot be put away, nothing has changed.
    func change(_ body: (inout CardState) -> Void) throws(Refusal) {
        var changed = state
        body(&changed)
        do { try save(changed) } catch { throw Refusal(.memoryFailure) }
        state = changed
    }
}

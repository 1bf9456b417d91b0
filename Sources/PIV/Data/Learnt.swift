import CardApplication

/// What a card was asked once, and told, or refused to tell. A refusal may be chance the first time, and is believed for the
/// lifetime of a reading; a second one is believed for good.
struct Learnt<Value> {
    /// What the card told.
    private(set) var value: Value?
    /// When it refused; true inside where that is for good.
    private var refusal: Reading<Bool>?

    /// Whether nobody needs to ask.
    func isKnown(at now: Int) -> Bool {
        value != nil || refusal.map { $0.value || $0.isFresh(at: now) } ?? false
    }

    /// Whether the card refused it, and nobody need ask again now.
    func isRefused(at now: Int) -> Bool { value == nil && isKnown(at: now) }

    /// Notes what the card told.
    mutating func note(_ value: Value) { (self.value, refusal) = (value, nil) }

    /// Notes that it refused.
    mutating func noteRefusal(at now: Int) { refusal = Reading(refusal != nil, at: now) }
}

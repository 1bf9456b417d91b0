/// What the card said of one thing, and when.
package struct Reading<Value> {
    /// For how long it is believed where another program may have changed it, in milliseconds: long enough that a program
    /// which asks for everything several times in a row has it read once.
    package static var lifetime: Int { 5_000 }

    /// What the card said.
    package let value: Value
    /// In milliseconds of the token's clock; nil where it may have changed since.
    package private(set) var time: Int?

    /// What the card said at this time.
    package init(_ value: Value, at time: Int?) {
        self.value = value
        self.time = time
    }

    /// Whether it is believed without asking again.
    package func isFresh(at now: Int) -> Bool { time.map { now &- $0 < Self.lifetime } ?? false }

    /// Notes that nobody knows what it is now. What it was is kept, to tell whether it changed.
    package mutating func doubt() { time = nil }
}

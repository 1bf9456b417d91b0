import SoftToken
import Testing

/// Counters of messages belong to the values of keys.
@Suite struct MessageCountersTests {
    @Test func oneValueHasOneCounter() throws {
        let counters = MessageCounters()
        let numbers = try (0..<3).map { _ in try counters.next(for: StoredSecret([1, 2, 3])) }
        #expect(numbers.map(\.counter) == [0, 1, 2])
        #expect(numbers.map(\.used) == [0, 1, 2])
        #expect(try counters.next(for: StoredSecret([1, 2, 4])).counter == 0)
        #expect(try MessageCounters().next(for: StoredSecret([1, 2, 3])).counter == 0)
    }

    @Test func aRandomBeginningGoesOn() throws {
        let counters = MessageCounters(beginsAtRandom: true)
        let one = try counters.next(for: StoredSecret([1])), two = try counters.next(for: StoredSecret([1]))
        // By chance once in 2^64 times.
        #expect(one.counter != 0)
        #expect(two.counter == one.counter &+ 1)
        #expect([one.used, two.used] == [0, 1])
        #expect(try counters.next(for: StoredSecret([2])).counter != two.counter &+ 1)
    }
}

import Glibc

/// Measures several ways to do the same work against each other: in turns, so that what else the machine does meets all
/// of them.
struct Stopwatch {
    /// How often each gets its turn.
    var rounds = 15
    /// The least nanoseconds of a turn.
    var leastTurn = 60_000_000

    /// One way: what is measured, and what comes before and after it each time.
    struct Way {
        var before: () throws -> Void = {}
        let work: () throws -> Void
        var after: () throws -> Void = {}
    }

    /// The median nanoseconds that each way takes.
    func measure(_ ways: [Way]) throws -> [Double] {
        var times = ways.map { _ in [Double]() }
        let repetitions = try ways.map { way in max(1, leastTurn / max(1, Int(try time(way, 1)))) }
        for _ in 0..<rounds {
            for (index, way) in ways.enumerated() { times[index].append(try time(way, repetitions[index])) }
        }
        return times.map { $0.sorted()[$0.count / 2] }
    }

    private func time(_ way: Way, _ repetitions: Int) throws -> Double {
        var total = 0
        for _ in 0..<repetitions {
            try way.before()
            let start = Self.now()
            try way.work()
            total += Self.now() - start
            try way.after()
        }
        return Double(total) / Double(repetitions)
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

import CLibrary

/// Measures several ways to do the same work against each other: in turns, so that what else the machine does meets all
/// of them.
struct Stopwatch {
    /// How often each gets its turn.
    var rounds = 41
    /// The least nanoseconds of a turn.
    var leastTurn = 20_000_000

    /// One way: what is measured, and what comes before and after it each time.
    struct Way {
        var before: () throws -> Void = {}
        let work: () throws -> Void
        var after: () throws -> Void = {}
    }

    /// The median nanoseconds that the first way takes, and the median speed of each other in the same round: 1 where it
    /// is as fast as the first, more where it is faster.
    func measure(_ first: Way, against others: [Way]) throws -> (nanoseconds: Double, speeds: [Double]) {
        let repetitions = try ([first] + others).map { way in max(1, leastTurn / max(1, Int(try time(way, 1)))) }
        var times: [Double] = [], speeds = others.map { _ in [Double]() }
        for _ in 0..<rounds {
            let own = try time(first, repetitions[0])
            times.append(own)
            for (index, way) in others.enumerated() {
                speeds[index].append(own / (try time(way, repetitions[index + 1])))
            }
        }
        return (Self.median(times), speeds.map(Self.median))
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

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

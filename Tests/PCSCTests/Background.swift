import CLibrary
import Platform

/// Something that runs on a thread of its own: the threads of Swift concurrency are few, and must not be blocked.
final class Background<Value>: @unchecked Sendable {
    private let lock = Lock()
    private let body: () -> Value
    private var outcome: Value?

    init(_ body: @escaping () -> Value) {
        self.body = body
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Work { self.run() }).toOpaque())
        pthread_detach(thread)
    }

    private func run() {
        let result = body()
        lock.withLock { outcome = result }
    }

    /// The result, as soon as it is there; nil after ten seconds.
    var result: Value? {
        for _ in 0..<10_000 {
            if let result = lock.withLock({ outcome }) { return result }
            usleep(1000)
        }
        return nil
    }
}

private final class Work {
    let run: () -> Void

    init(_ run: @escaping () -> Void) { self.run = run }
}

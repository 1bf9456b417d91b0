import CLibrary
import FoundationEssentials

/// Turns signals into bytes on a pipe, which a loop can wait for beside its socket.
struct SignalPipe {
    /// What a signal asks for.
    enum Request {
        /// SIGTERM, SIGINT: end.
        case end
        /// SIGUSR1: pull the card out.
        case pullOut
        /// SIGUSR2: put it back.
        case putBack
    }

    /// The end of the pipe to wait on.
    let descriptor: Int32

    /// Takes over the four signals. One pipe serves a process.
    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFL, O_NONBLOCK) == 0 }) else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        descriptor = ends[0]
        signalPipeEnd = ends[1]
        for number in [SIGTERM, SIGINT, SIGUSR1, SIGUSR2] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(signalPipeEnd, &byte, 1)
            }
        }
    }

    /// The next request that has come, or nil.
    func next() -> Request? {
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 1 else { return nil }
        switch Int32(byte) {
        case SIGUSR1: return .pullOut
        case SIGUSR2: return .putBack
        default: return .end
        }
    }
}

/// Where the signal handler writes: a handler can capture nothing. Set once, before the handlers are installed.
private nonisolated(unsafe) var signalPipeEnd: Int32 = -1

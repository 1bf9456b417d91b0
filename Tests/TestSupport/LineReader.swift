import CLibrary

/// Lines from a pipe.
final class LineReader {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line.
    /// - Throws: `ToolFailure` if the pipe ends before, or the deadline passes.
    func next(_ deadline: Deadline) throws -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Int32(deadline.millisecondsLeft)) > 0 else { throw ToolFailure("no answer in time") }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: pending, as: UTF8.self) }
            pending += buffer[..<count]
        }
    }
}

import CLibrary
import Wiring

/// The file that the module writes its trace to, as long as it is wanted.
final class TraceFile {
    let path: String
    private let descriptor: Int32
    private var unfinished: [UInt8] = []

    init() throws(CommandFailure) {
        var template = Array("/tmp/martlet-trace.XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw CommandFailure(system: "no file can be made in", "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Runs a program whose module writes its trace here, to its end.
    ///
    /// - Parameter show: gets the lines, soon after they are written.
    /// - Returns: the exit code.
    func run(_ command: [String], _ show: ([String]) -> Void) throws(CommandFailure) -> Int32 {
        setenv(Setting.trace.variable, path, 1)
        defer { unsetenv(Setting.trace.variable) }
        // Ctrl-C reaches the program too, and ends it; its last lines are still to be shown.
        for number in Command.keyboardSignals { signal(number, SIG_IGN) }
        guard let child = Command.start(command) else {
            throw CommandFailure(
                "\(command.first ?? "") cannot be started: \(String(cString: strerror(errno)))",
                hint: "is it installed?", .unavailable)
        }
        var status = child.pollEnd()
        while status == nil {
            show(newLines())
            usleep(20_000)
            status = child.pollEnd()
        }
        show(newLines())
        return status ?? 0
    }

    /// The whole lines that were written since the last call.
    private func newLines() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            unfinished += buffer[..<count]
        }
        guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = unfinished[..<end].split(separator: UInt8(ascii: "\n"))
        unfinished.removeSubrange(...end)
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

import CLibrary
import FoundationEssentials

/// A text file with one line for each command: its bytes and those of its answer, in hexadecimal.
final class APDULog {
    private let descriptor: Int32

    /// Opens the file for adding; makes it where it is not there.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    /// Adds a line, in one piece. A log that cannot be written stops nothing.
    func add(command: [UInt8], answer: [UInt8]) {
        let line = Array("\(Self.digits(command)) \(Self.digits(answer))\n".utf8)
        _ = write(descriptor, line, line.count)
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}

import Glibc
import Platform

/// What a command reads: a file, or standard input where none is named.
final class InputFile {
    /// The longest input that is read whole, in bytes.
    private static let longest = 1 << 20

    private let descriptor: Int32
    private let name: String
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Opens a file; "-" or nil is standard input.
    init(_ path: String?) throws(CommandFailure) {
        guard let path, path != "-" else {
            (descriptor, name) = (STDIN_FILENO, "standard input")
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        name = path
        guard descriptor >= 0 else { throw failure("cannot read", path) }
    }

    deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

    /// The next piece, which is empty at the end.
    func next() throws(CommandFailure) -> ArraySlice<UInt8> {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read", name) }
            return buffer[..<count]
        }
    }

    /// All bytes of a short file.
    static func read(_ path: String?) throws(CommandFailure) -> [UInt8] {
        let file = try InputFile(path)
        var content: [UInt8] = []
        while true {
            let piece = try file.next()
            guard !piece.isEmpty else { return content }
            guard content.count + piece.count <= longest else {
                throw CommandFailure(
                    "\(file.name) is longer than \(longest) bytes", hint: "that is no input for this command", .data)
            }
            content += piece
        }
    }
}

/// What a command writes: a file, or standard output where none is named.
enum OutputFile {
    /// Writes all bytes. "-" or nil is standard output.
    ///
    /// - Parameter isSecret: whether a new file is for its owner alone.
    static func write(_ bytes: [UInt8], to path: String?, isSecret: Bool = false) throws(CommandFailure) {
        guard let path, path != "-" else {
            fflush(nil)
            return try write(bytes, STDOUT_FILENO, "standard output")
        }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isSecret ? 0o600 : 0o666)
        guard file >= 0 else { throw failure("cannot write", path) }
        defer { close(file) }
        try write(bytes, file, path)
    }

    private static func write(_ bytes: [UInt8], _ file: Int32, _ name: String) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot write", name) }
            rest = rest.dropFirst(count)
        }
    }
}

/// Why a file cannot be used, as errno has it.
private func failure(_ what: String, _ name: String) -> CommandFailure {
    let reason = errno
    return CommandFailure(
        "\(what) \(name): \(String(cString: strerror(reason)))", hint: "look at that path",
        reason == EACCES || reason == EPERM || reason == EROFS ? .refused : .unavailable)
}

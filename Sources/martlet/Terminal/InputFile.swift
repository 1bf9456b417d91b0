import CLibrary
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
            try checkSecrets()
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        name = path
        guard descriptor >= 0 else { throw CommandFailure(system: "cannot read", path) }
        try checkSecrets()
    }

    private func checkSecrets() throws(CommandFailure) {
        guard SecretSource.isRead(by: descriptor) else { return }
        throw CommandFailure(
            "\(name) is where --pin-fd has the PIN, and cannot be the message too",
            hint: "name the message's file, or give the PIN by another: --pin-fd 3 3<PINFILE", .usage)
    }

    deinit {
        // It may have been a private key.
        buffer.wipe()
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    /// The next piece, which is empty at the end.
    func next() throws(CommandFailure) -> ArraySlice<UInt8> {
        while true {
            let count = CLibrary.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure(system: "cannot read", name) }
            return buffer[..<count]
        }
    }

    /// All bytes of a short file. They are the only copy, so whoever wipes them leaves none.
    static func read(_ path: String?) throws(CommandFailure) -> [UInt8] {
        let file = try InputFile(path)
        var content: [UInt8] = []
        content.reserveCapacity(longest)
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

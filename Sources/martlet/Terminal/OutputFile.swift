import Glibc

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
        guard file >= 0 else { throw CommandFailure(system: "cannot write", path) }
        defer { close(file) }
        try write(bytes, file, path)
    }

    private static func write(_ bytes: [UInt8], _ file: Int32, _ name: String) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure(system: "cannot write", name) }
            rest = rest.dropFirst(count)
        }
    }
}

import Glibc

/// What a command writes: a file, or standard output where none is named. It is opened before the card is asked for
/// anything, so that nothing that the card gives but once is lost.
final class OutputFile {
    private let descriptor: Int32
    private let path: String?
    /// Whether the file was made here, and nothing has been written to it.
    private var isUnused: Bool

    /// Opens a file, or makes it; "-" or nil is standard output.
    ///
    /// - Parameters:
    ///   - isSecret: whether it is for its owner alone. Then no link is followed, which may lead somewhere else.
    ///   - isReplacing: whether a file that is there may be lost.
    init(_ path: String?, isSecret: Bool, isReplacing: Bool) throws(CommandFailure) {
        guard let path, path != "-" else {
            (descriptor, self.path, isUnused) = (STDOUT_FILENO, nil, false)
            return
        }
        let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o666)
        descriptor = made >= 0 ? made : open(path, O_WRONLY | O_CLOEXEC | (isSecret ? O_NOFOLLOW : 0))
        self.path = path
        isUnused = made >= 0
        guard descriptor >= 0 else { throw CommandFailure(system: "cannot write", path) }
        if !isUnused { try checkExisting(path, isSecret: isSecret, isReplacing: isReplacing) }
    }

    /// A device or a pipe holds nothing that could be lost or read.
    private func checkExisting(_ path: String, isSecret: Bool, isReplacing: Bool) throws(CommandFailure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CommandFailure(system: "cannot write", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return }
        guard isReplacing else {
            throw CommandFailure(
                "there is a file \(path) already", hint: "to write over it, add --force", .unavailable)
        }
        if isSecret, fchmod(descriptor, 0o600) != 0 { throw CommandFailure(system: "cannot write", path) }
    }

    deinit {
        guard let path, descriptor >= 0 else { return }
        close(descriptor)
        if isUnused { unlink(path) }
    }

    /// Writes all bytes, in the place of what was in the file.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        isUnused = false
        if path == nil { fflush(nil) } else { ftruncate(descriptor, 0) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure(system: "cannot write", path ?? "standard output") }
            rest = rest.dropFirst(count)
        }
    }
}

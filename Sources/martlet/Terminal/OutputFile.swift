import CLibrary
import Platform

/// What a command writes: a file, or standard output where none is named. It is opened before the card is asked for
/// anything, so that nothing that the card gives but once is lost. A file that is there stays as it is until the new one is
/// whole; one that comes to nothing goes again.
final class OutputFile {
    /// What is to be written.
    enum Content {
        /// Lines for people and programs.
        case text
        /// Bytes that may be any: a terminal would take some of them for orders.
        case bytes
        /// Bytes that may be a text, which is only known then.
        case unknown
    }

    private let descriptor: Int32
    private let content: Content
    /// Where the file is to be in the end; nil for standard output, a device and a pipe.
    private let path: String?
    /// Where it is being written.
    private let unfinished: String?
    private let note: Int?

    /// Opens a file, or makes it; "-" or nil is standard output.
    ///
    /// - Parameters:
    ///   - isSecret: whether it is for its owner alone. Then no link is followed, which may lead somewhere else.
    ///   - isReplacing: whether a file that is there may be lost.
    init(
        _ path: String?, isSecret: Bool, isReplacing: Bool, content: Content = .text
    ) throws(CommandFailure) {
        self.content = content
        guard let path, path != "-" else {
            (descriptor, self.path, unfinished, note) = (STDOUT_FILENO, nil, nil, nil)
            try checkTerminal()
            return
        }
        let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o666)
        guard made < 0 else {
            (descriptor, self.path, unfinished) = (made, path, path)
            note = Interruption.note(unfinished: path)
            return
        }
        let existing = open(path, O_WRONLY | O_CLOEXEC | (isSecret ? O_NOFOLLOW : 0))
        guard existing >= 0 else { throw CommandFailure(system: "cannot write", path) }
        guard try Self.isPlainFile(existing, path) else {
            // A device or a pipe holds nothing that could be lost or read.
            (descriptor, self.path, unfinished, note) = (existing, nil, nil, nil)
            try checkTerminal()
            return
        }
        defer { close(existing) }
        guard isReplacing else {
            throw CommandFailure(
                "there is a file \(path) already", hint: "to write over it, add --force", .unavailable)
        }
        (descriptor, self.path, unfinished) = try Self.beside(path, existing, isSecret: isSecret)
        note = unfinished.flatMap(Interruption.note)
    }

    private static func isPlainFile(_ descriptor: Int32, _ path: String) throws(CommandFailure) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CommandFailure(system: "cannot write", path) }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// A new file beside the one that it takes the place of, with its mode.
    private static func beside(
        _ path: String, _ existing: Int32, isSecret: Bool
    ) throws(CommandFailure) -> (Int32, String, String) {
        let place = Companions.realPath(path) ?? path
        var template = Array((place + ".XXXXXX").utf8CString)
        let made = mkstemp(&template)
        guard made >= 0 else { throw CommandFailure(system: "cannot write beside", path) }
        let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        _ = fcntl(made, F_SETFD, FD_CLOEXEC)
        var status = stat()
        let isFine = fstat(existing, &status) == 0 && fchmod(made, isSecret ? 0o600 : status.st_mode & 0o777) == 0
        guard isFine else {
            close(made)
            unlink(name)
            throw CommandFailure(system: "cannot write", path)
        }
        return (made, place, name)
    }

    private func checkTerminal() throws(CommandFailure) {
        if content == .bytes, isatty(descriptor) == 1 { throw Self.terminalFailure }
    }

    private static let terminalFailure = CommandFailure(
        "raw bytes are not written to a terminal", hint: "name a file with --output, or add '| base64'", .usage)

    deinit {
        guard descriptor > STDERR_FILENO else { return }
        close(descriptor)
        guard let unfinished, !isWhole else { return }
        unlink(unfinished)
        Interruption.keep(note)
    }

    private var isWhole = false

    /// Writes all bytes, in the place of what was in the file. What cannot be written whole is not written at all.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        if content == .unknown, isatty(descriptor) == 1, !Self.isText(bytes) { throw Self.terminalFailure }
        if descriptor == STDOUT_FILENO { fflush(nil) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { CLibrary.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure(system: "cannot write", path ?? "standard output") }
            rest = rest.dropFirst(count)
        }
        guard let path, let unfinished else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL, unfinished == path || rename(unfinished, path) == 0 else {
            throw CommandFailure(system: "cannot write", path)
        }
        isWhole = true
        Interruption.keep(note)
    }

    /// Writes a secret and a line feed, and keeps no copy.
    func write(line secret: TypedPIN) throws(CommandFailure) {
        var line: [UInt8] = []
        defer { line.wipe() }
        secret.withBytes { bytes in
            line.reserveCapacity(bytes.byteCount + 1)
            line.append(contentsOf: bytes)
        }
        line.append(UInt8(ascii: "\n"))
        try write(line)
    }

    /// Takes the file away that was written: what is in it came to nothing. A device or a pipe has it already.
    func withdraw() {
        guard isWhole, let path else { return }
        unlink(path)
        isWhole = false
    }

    /// Whether the bytes are UTF-8 without control characters but tabs and line feeds.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.split(whereSeparator: { $0 == "\n" || $0 == "\t" || $0 == "\r\n" }).allSatisfy {
            String($0).printable == $0
        }
    }
}

import CLibrary

/// Writes and removes files so that a reader sees the old file or the new one, and never half of one.
enum FileWriter {
    /// Puts a file in its place: written beside it under another name, then renamed. Makes the folders above it.
    static func put(_ content: InstallLayout.Item.Content, at path: String, mode: mode_t) throws(CommandFailure) {
        try makeFolders(above: path)
        let unfinished = path + ".new"
        unlink(unfinished)
        let output = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard output >= 0 else { throw failure("cannot write", path) }
        defer { close(output) }
        do throws(CommandFailure) {
            switch content {
            case .text(let text): try write(Array(text.utf8)[...], to: output, path)
            case .copy(let source): try copy(source, to: output, path)
            }
            guard fchmod(output, mode) == 0, fsync(output) == 0, rename(unfinished, path) == 0 else {
                throw failure("cannot write", path)
            }
        } catch {
            unlink(unfinished)
            throw error
        }
    }

    /// Removes a file.
    ///
    /// - Returns: whether there was one.
    static func remove(_ path: String) throws(CommandFailure) -> Bool {
        if unlink(path) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw failure("cannot remove", path) }
        return false
    }

    private static func copy(_ source: String, to output: Int32, _ path: String) throws(CommandFailure) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw failure("cannot read", source) }
        defer { close(input) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(input, &buffer, buffer.count)
            guard count >= 0 else { throw failure("cannot read", source) }
            if count == 0 { return }
            try write(buffer[..<count], to: output, path)
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to output: Int32, _ path: String) throws(CommandFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { CLibrary.write(output, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure("cannot write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// New folders are for everybody to read, as the files are, whatever this person's umask says; others stay as they
    /// are.
    private static func makeFolders(above path: String) throws(CommandFailure) {
        var folder = ""
        for component in path.split(separator: "/").dropLast() {
            folder += "/" + component
            if mkdir(folder, 0o755) == 0, chmod(folder, 0o755) == 0 { continue }
            guard errno == EEXIST else { throw failure("cannot make the folder", folder) }
        }
    }

    private static func failure(_ what: String, _ path: String) -> CommandFailure {
        CommandFailure(system: what, path, permission: "run it as root, or choose another --prefix or DESTDIR")
    }
}

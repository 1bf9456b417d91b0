import CLibrary

/// Standard output, as `print` writes to it.
enum StandardOutput {
    /// Writes what is still in its buffer.
    ///
    /// - Throws: where it does not take all that was printed, as a full disk.
    static func finish() throws(CommandFailure) {
        guard fflush(nil) == 0 else {
            throw CommandFailure(system: "cannot write", "standard output")
        }
    }
}

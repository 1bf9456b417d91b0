/// The system's files, as a world's programs see them.
extension CardWorld {
    /// Puts a copy of this world's own in the place of a folder of the system's; its programs may then write to it.
    /// - Throws: `ToolFailure` if it cannot be mounted.
    public func copySystemFolder(_ folder: String) throws {
        // Files that only the machine's root may read stay out of the copy, where the tests are another user's.
        let line = #"mkdir "$0" && chmod 755 "$0" && { cp --archive "$1/." "$0" 2>/dev/null; mount --bind "$0" "$1"; }"#
        try run("bash", "-c", line, home.newFile("system"), folder).checked()
    }

    /// Writes a file of the system's, which root owns and only root may write to unless the mode says otherwise.
    /// - Parameter path: below a folder that `copySystemFolder` was asked for.
    /// - Throws: `ToolFailure` if it cannot be written.
    public func writeSystemFile(_ text: String, to path: String, mode: String = "644") throws {
        try run(["install", "-m", mode, "/dev/stdin", path], input: Array(text.utf8)).checked()
    }

    /// The text of a file as this world's programs see it.
    /// - Throws: `ToolFailure` if it is not there.
    public func readSystemFile(_ path: String) throws -> String { try run("cat", path).checked().text }
}

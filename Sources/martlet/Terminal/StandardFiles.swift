import CLibrary

/// Standard input, output and error.
enum StandardFiles {
    /// Puts something in the place of those that this program was started without: the next file that is opened would get
    /// their number, and the text of an error would go into it. What is read and written there fails, as it does without.
    static func open() {
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(number, F_GETFD) < 0 && errno == EBADF {
            // The lowest number that is free is this one.
            _ = CLibrary.open("/dev/null", mode)
        }
    }
}

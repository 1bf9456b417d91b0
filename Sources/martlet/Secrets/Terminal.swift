import CLibrary
import HostCrypto
import Platform

/// The terminal at which a person sits, as /dev/tty.
final class Terminal {
    /// The longest secret that can be typed, in bytes. PIV's PINs have at most 8.
    static let longestSecret = 256

    /// The longest line that a terminal hands over, in bytes (n_tty's buffer; termios(3)).
    private static let longestLine = 4096

    private let descriptor: Int32

    /// Nil where there is none.
    init?() {
        descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Shows a text, its control characters but line feeds left out.
    func show(_ text: String) {
        fflush(nil)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        lines.joined(separator: "\n").utf8CString.withUnsafeBufferPointer {
            _ = write(descriptor, $0.baseAddress, $0.count - 1)
        }
    }

    /// Asks for what nobody is to see.
    func askForSecret(_ question: String) throws(CommandFailure) -> PINPrompt.Answer {
        // Before the question, which a person may answer at once.
        let echo = try EchoSwitch(descriptor)
        defer {
            echo.restore()
            show("\n")
        }
        show(question.printable + " ")
        guard var typed = try line(ofAtMost: Self.longestSecret) else { return .ended }
        return try SecretSource.answer(&typed)
    }

    /// Asks for what everybody may see.
    ///
    /// - Returns: the line, which may be empty; nil where the person typed the end of the input (Ctrl-D), be it in the middle
    ///   of a line: nothing was said then.
    func ask(_ question: String) -> String? {
        show(question.printable + " ")
        guard let typed = try? line(ofAtMost: Self.longestLine) else {
            show("\n")
            return nil
        }
        return String(decoding: typed, as: UTF8.self)
    }

    /// A line without its end; nil where there is no line any more, or one without an end.
    ///
    /// - Throws: where it is longer. What is left of it is not taken for the answer to the next question.
    private func line(ofAtMost longest: Int) throws(CommandFailure) -> [UInt8]? {
        var isWhole = false, isTooLong = false
        // A terminal hands over a line in one piece. What it is read into is the only copy.
        let typed = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
            var length: Int
            repeat { length = read(descriptor, buffer.baseAddress, buffer.count) } while length < 0 && errno == EINTR
            isWhole = length > 0 && buffer[length - 1] == UInt8(ascii: "\n")
            isTooLong = !isWhole && length == buffer.count
            count = isWhole ? length - 1 : 0
            if !isWhole, length > 0, let start = buffer.baseAddress { explicit_bzero(start, length) }
        }
        if isTooLong {
            tcflush(descriptor, TCIFLUSH)
            throw SecretSource.tooLong
        }
        return isWhole ? typed : nil
    }
}

import CLibrary
import HostCrypto
import Platform

/// The terminal at which a person sits, as /dev/tty.
final class Terminal {
    /// The longest line that can be typed, in bytes. PIV's PINs have at most 8.
    static let longestLine = 256

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
        show(question + " ")
        guard var typed = line() else { return .nothing }
        defer { typed.wipe() }
        return .typed(try TypedPIN(typed.span.bytes))
    }

    /// A line without its end; nil for an empty one.
    func line() -> [UInt8]? {
        // A terminal hands over a line in one piece. What it is read into is the only copy.
        let typed = [UInt8](unsafeUninitializedCapacity: Self.longestLine) { buffer, count in
            var length: Int
            repeat { length = read(descriptor, buffer.baseAddress, buffer.count) } while length < 0 && errno == EINTR
            let isWhole = length > 1 && buffer[length - 1] == UInt8(ascii: "\n")
            count = isWhole ? length - 1 : 0
            if !isWhole, length > 0, let start = buffer.baseAddress { explicit_bzero(start, length) }
        }
        return typed.isEmpty ? nil : typed
    }
}

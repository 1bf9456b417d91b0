import Glibc
import HostCrypto
import Platform

/// Asks for a PIN on the terminal, whatever standard input and output are.
enum PINPrompt {
    /// The longest PIN that can be typed, in bytes. PIV's have at most 8.
    private static let longest = 256

    /// The PIN that the person typed, without echo; nil where nothing was typed or there is no terminal.
    static func ask(_ question: String) throws(CommandFailure) -> TypedPIN? {
        let terminal = openTerminal()
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        // Before the question, which a person may answer at once.
        let echo = try EchoSwitch(terminal)
        defer {
            echo.restore()
            write("\n", to: terminal)
        }
        show(question, on: terminal)
        guard var typed = line(from: terminal) else { return nil }
        defer { typed.wipe() }
        return try TypedPIN(typed.span.bytes)
    }

    /// The same, where nothing goes on without an answer.
    ///
    /// - Parameter what: what is asked for.
    static func require(_ question: String, what: String) throws(CommandFailure) -> TypedPIN {
        guard let typed = try ask(question) else {
            throw CommandFailure(
                "no \(what) was typed", hint: "the \(what) is asked for on the terminal; run this where there is one",
                .refused)
        }
        return typed
    }

    /// A secret that is to be set: it is typed twice, so that a slip of the finger locks nobody out.
    ///
    /// - Parameter name: what it is, such as "PIN".
    static func new(_ name: String) throws(CommandFailure) -> TypedPIN {
        let first = try require("New \(name):", what: "new \(name)")
        let second = try require("New \(name) again:", what: "new \(name)")
        guard first.isEqual(to: second) else {
            throw CommandFailure(
                "the two are not the same; nothing was changed", hint: "type the same \(name) twice", .data)
        }
        return first
    }

    /// What the person typed, which everybody may see; nil where nothing was typed or there is no terminal.
    static func askOpenly(_ question: String) -> String? {
        let terminal = openTerminal()
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        show(question, on: terminal)
        return line(from: terminal).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Tells a person what to do elsewhere; on standard error where there is no terminal.
    static func tell(_ text: String) {
        let terminal = openTerminal()
        defer { if terminal >= 0 { close(terminal) } }
        fflush(nil)
        write(text.printable + "\n", to: terminal >= 0 ? terminal : STDERR_FILENO)
    }

    /// Negative where there is none.
    private static func openTerminal() -> Int32 { open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) }

    private static func show(_ question: String, on terminal: Int32) {
        fflush(nil)
        write(question.printable + " ", to: terminal)
    }

    /// A line without its end; nil for an empty one.
    private static func line(from terminal: Int32) -> [UInt8]? {
        // A terminal hands over a line in one piece. What it is read into is the only copy.
        let typed = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
            var length: Int
            repeat { length = read(terminal, buffer.baseAddress, buffer.count) } while length < 0 && errno == EINTR
            let isWhole = length > 1 && buffer[length - 1] == UInt8(ascii: "\n")
            count = isWhole ? length - 1 : 0
            if !isWhole, length > 0, let start = buffer.baseAddress { explicit_bzero(start, length) }
        }
        return typed.isEmpty ? nil : typed
    }

    private static func write(_ text: String, to terminal: Int32) {
        text.utf8CString.withUnsafeBufferPointer { _ = Glibc.write(terminal, $0.baseAddress, $0.count - 1) }
    }
}

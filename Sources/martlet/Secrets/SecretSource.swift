import ArgumentParser
import CLibrary
import HostCrypto
import Platform

/// Where PINs, PUKs and management keys come from. Never from the command line, which every process sees, and never from the
/// environment.
enum SecretSource {
    /// Lines of an open file (`--pin-fd`), in the order of the questions.
    case descriptor(Int32)
    /// A program that shows the question, its argument, and prints the answer.
    case askpass(String)
    /// A program that speaks the protocol of pinentry.
    case pinentry(String)
    case terminal
    case nobody

    /// The descriptor of `--pin-fd`. The command line is read before anything asks.
    nonisolated(unsafe) fileprivate static var named: Int32?

    /// What is named goes first; then the terminal; then, where there is none, what a desktop has.
    static func current() -> SecretSource {
        if let named { return .descriptor(named) }
        if let program = Environment.value(of: "MARTLET_ASKPASS") { return .askpass(program) }
        if let program = Environment.value(of: "MARTLET_PINENTRY") { return .pinentry(program) }
        if Terminal() != nil { return .terminal }
        if let program = Environment.value(of: "SSH_ASKPASS") { return .askpass(program) }
        let isDesktop = ["DISPLAY", "WAYLAND_DISPLAY"].contains { Environment.value(of: $0) != nil }
        if isDesktop, Command.isInPath("pinentry") { return .pinentry("pinentry") }
        return .nobody
    }

    /// Asks once.
    func ask(_ question: String) throws(CommandFailure) -> PINPrompt.Answer {
        switch self {
        case .descriptor(let number): return try Self.answer(Self.line(from: number))
        case .askpass(let program): return try Self.askpass(program, question)
        case .pinentry(let program): return try Pinentry(program).ask(question)
        case .terminal: return try Terminal()?.askForSecret(question) ?? .nobody
        case .nobody: return .nobody
        }
    }

    private static func askpass(_ program: String, _ question: String) throws(CommandFailure) -> PINPrompt.Answer {
        guard let child = Command.open([program, question.printable]) else {
            throw CommandFailure(
                "\(program) cannot be started: \(String(cString: strerror(errno)))",
                hint: "look at MARTLET_ASKPASS and SSH_ASKPASS", .unavailable)
        }
        let typed = line(from: child.output)
        guard child.end() == 0 else {
            throw CommandFailure("no PIN was typed: \(program) was cancelled", hint: "run it again", .refused)
        }
        return try answer(typed)
    }

    /// Wipes the line.
    static func answer(_ line: [UInt8]) throws(CommandFailure) -> PINPrompt.Answer {
        var line = line
        defer { line.wipe() }
        return line.isEmpty ? .nothing : .typed(try TypedPIN(line.span.bytes))
    }

    /// The next line, read byte by byte, so that what follows it is left to whoever reads next; empty at the end.
    static func line(from descriptor: Int32) -> [UInt8] {
        var line = [UInt8]()
        line.reserveCapacity(Terminal.longestLine + 1)
        var byte: UInt8 = 0
        while line.count <= Terminal.longestLine {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }
}

/// The option of commands that ask for secrets.
struct SecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The open file that PINs, codes and management keys are read from, a line for each question, in their order. A \
            new one is read once.
            """, valueName: "number"))
    var pinFd: Int32?

    func validate() throws {
        guard let pinFd else { return }
        guard fcntl(pinFd, F_GETFD) >= 0, fcntl(pinFd, F_GETFL) & O_ACCMODE != O_WRONLY else {
            throw ValidationError("--pin-fd \(pinFd) is no file that is open for reading")
        }
        SecretSource.named = pinFd
    }
}

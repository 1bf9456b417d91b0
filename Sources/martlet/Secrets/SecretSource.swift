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
        case .descriptor(let number):
            guard var line = try Self.line(from: number) else { return .ended }
            return try Self.answer(&line)
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
        var typed: [UInt8] = []
        defer { typed.wipe() }
        do throws(CommandFailure) {
            // A program that prints nothing at all says what an empty line says.
            typed = try line(from: child.output) ?? []
        } catch {
            _ = child.end()
            throw error
        }
        guard child.end() == 0 else {
            throw CommandFailure("no PIN was typed: \(program) was cancelled", hint: "run it again", .refused)
        }
        return try answer(&typed)
    }

    /// - Parameter line: is wiped. It is taken as it is: what is wiped of a copy would stay in the other one.
    static func answer(_ line: inout [UInt8]) throws(CommandFailure) -> PINPrompt.Answer {
        defer { line.wipe() }
        return line.isEmpty ? .nothing : .typed(try TypedPIN(line.span.bytes))
    }

    static let tooLong = CommandFailure(
        "the line is too long for a PIN, code or key; nothing was sent to the card", hint: "give it again", .data)

    /// The next line, read byte by byte, so that what follows it is left to whoever reads next; nil at the end. It is the only
    /// copy.
    ///
    /// - Throws: where it is longer: what is left of it is not taken for the next line.
    static func line(
        from descriptor: Int32, ofAtMost longest: Int = Terminal.longestSecret
    ) throws(CommandFailure) -> [UInt8]? {
        var line = [UInt8]()
        line.reserveCapacity(longest + 1)
        var byte: UInt8 = 0
        while line.count <= longest {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else {
                if line.isEmpty { return nil }
                break
            }
            guard byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        guard line.count <= longest else {
            line.wipe()
            throw tooLong
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    /// Whether a file that is to be read is the one that the secrets come from: neither could be told from the other.
    static func isRead(by descriptor: Int32) -> Bool {
        guard let named else { return false }
        if named == descriptor { return true }
        var (its, other) = (stat(), stat())
        guard fstat(named, &its) == 0, fstat(descriptor, &other) == 0 else { return false }
        // Who reads /dev/null, or a terminal, takes nothing away from who reads it too.
        return its.st_mode & S_IFMT != S_IFCHR && its.st_dev == other.st_dev && its.st_ino == other.st_ino
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
        guard isatty(pinFd) == 0 else {
            throw ValidationError(
                "--pin-fd \(pinFd) is a terminal, which shows what is typed: leave --pin-fd out, and type at the prompt"
            )
        }
        SecretSource.named = pinFd
    }
}

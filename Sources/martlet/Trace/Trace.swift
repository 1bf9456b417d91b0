import ArgumentParser
import Glibc
import Platform

/// Runs a program and shows what the module says to the card meanwhile.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program, and show in words what it says to the card.",
        discussion: """
            Every command (APDU) that the module sends for the program, or for a child of it, is a line, and so is each \
            answer. PINs, keys and decrypted data are left out. A program that asks another one, such as ssh-add its \
            agent, has nothing to show. The exit code is the program's; 128 and the number of the signal that ended it.

            Examples:
              martlet trace -- ssh-keygen -D /usr/lib/x86_64-linux-gnu/pkcs11/martlet-pkcs11.so
              martlet trace --output card.log -- martlet list
            """)

    @Option(help: "The file that the lines are added to. The default is standard error.", completion: .file())
    var output: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func run() throws {
        guard let program = command.first else {
            throw CommandFailure("no program is named", hint: "martlet trace -- PROGRAM ARGUMENTS", .usage)
        }
        let destination = try openOutput()
        defer { if destination != STDERR_FILENO { close(destination) } }
        let log = try TraceFile()
        setenv("MARTLET_TRACE", log.path, 1)
        guard let child = Command.start(command) else {
            throw CommandFailure(
                "\(program) cannot be started: \(String(cString: strerror(errno)))", hint: "is it installed?",
                .unavailable)
        }
        // Ctrl-C reaches the program too, and ends it; its last lines are still to be shown.
        for number in [SIGINT, SIGQUIT] { signal(number, SIG_IGN) }
        var status = child.pollEnd()
        while status == nil {
            show(log.newLines(), destination)
            usleep(20_000)
            status = child.pollEnd()
        }
        show(log.newLines(), destination)
        throw ExitCode(status ?? 0)
    }

    private func openOutput() throws(CommandFailure) -> Int32 {
        guard let output else { return STDERR_FILENO }
        let file = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CommandFailure(
                "cannot write \(output): \(String(cString: strerror(errno)))", hint: "look at that path", .unavailable)
        }
        return file
    }

    private func show(_ lines: [String], _ destination: Int32) {
        let text = lines.map { TraceLine($0).text.printable + "\n" }.joined()
        text.utf8CString.withUnsafeBufferPointer { _ = write(destination, $0.baseAddress, $0.count - 1) }
    }
}

/// The file that the module writes its trace to, as long as it is wanted.
private final class TraceFile {
    let path: String
    private let descriptor: Int32
    private var unfinished: [UInt8] = []

    init() throws(CommandFailure) {
        var template = Array("/tmp/martlet-trace.XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "no file can be made in /tmp: \(String(cString: strerror(errno)))", hint: "look at /tmp", .unavailable)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The whole lines that were written since the last call.
    func newLines() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            unfinished += buffer[..<count]
        }
        guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = unfinished[..<end].split(separator: UInt8(ascii: "\n"))
        unfinished.removeSubrange(...end)
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }
}

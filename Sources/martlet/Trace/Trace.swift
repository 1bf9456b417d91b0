import ArgumentParser
import CLibrary
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
              martlet trace -- ssh-keygen -D \(InstallLayout.examplePath)
              martlet trace --output card.log -- martlet list
            """)

    @Option(help: "The file that the lines are added to. The default is standard error.", completion: .file())
    var output: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func run() throws {
        guard !command.isEmpty else {
            throw CommandFailure("no program is named", hint: "martlet trace -- PROGRAM ARGUMENTS", .usage)
        }
        let destination = try openOutput()
        defer { if destination != STDERR_FILENO { close(destination) } }
        throw ExitCode(try TraceFile().run(command) { show($0, destination) })
    }

    private func openOutput() throws(CommandFailure) -> Int32 {
        guard let output else { return STDERR_FILENO }
        let file = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CommandFailure(system: "cannot write", output) }
        return file
    }

    private func show(_ lines: [String], _ destination: Int32) {
        let text = lines.map { TraceLine($0).text.printable + "\n" }.joined()
        text.utf8CString.withUnsafeBufferPointer { _ = write(destination, $0.baseAddress, $0.count - 1) }
    }
}

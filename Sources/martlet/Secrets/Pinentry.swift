import CLibrary
import HostCrypto
import Platform

/// A pinentry program, asked by its protocol (Assuan, lines of at most 1000 bytes; GnuPG's manual of pinentry).
struct Pinentry {
    private let program: String

    init(_ program: String) { self.program = program }

    func ask(_ question: String) throws(CommandFailure) -> PINPrompt.Answer {
        guard let child = Command.open([program]) else {
            throw CommandFailure(
                "\(program) cannot be started: \(String(cString: strerror(errno)))",
                hint: "install pinentry, or look at MARTLET_PINENTRY", .unavailable)
        }
        defer { _ = child.end() }
        var requests = ["SETTITLE Martlet", "SETDESC " + Self.escaped(question)]
        // Its standard input and output are pipes: it cannot know the terminal otherwise.
        if let name = Self.terminalName() { requests.append("OPTION ttyname=" + name) }
        if let name = getenv("TERM") { requests.append("OPTION ttytype=" + String(cString: name)) }
        requests.append("SETPROMPT PIN:")
        guard try Self.isFine(child.output) else { throw failure }
        for request in requests {
            child.send(request + "\n")
            _ = try Self.isFine(child.output)
        }
        child.send("GETPIN\n")
        var typed: [UInt8] = []
        defer { typed.wipe() }
        while true {
            guard var line = try Self.line(from: child.output) else { throw failure }
            defer { line.wipe() }
            if line.starts(with: "D ".utf8) {
                typed.wipe()
                typed = Self.unescaped(line.dropFirst(2))
            } else if line.starts(with: "OK".utf8) {
                child.send("BYE\n")
                return try SecretSource.answer(&typed)
            } else if line.starts(with: "ERR".utf8) {
                throw refusal(String(decoding: line, as: UTF8.self))
            }
        }
    }

    /// Why it gave no PIN: "ERR", a code, and words (libgpg-error; its lower 16 bits tell what happened).
    private func refusal(_ line: String) -> CommandFailure {
        let words = line.split(separator: " ", maxSplits: 2)
        // GPG_ERR_CANCELED and GPG_ERR_FULLY_CANCELED.
        if words.count > 1, let code = UInt32(words[1]), [99, 198].contains(code & 0xFFFF) {
            return CommandFailure("no PIN was typed: \(program) was cancelled", hint: "run it again", .refused)
        }
        return CommandFailure(
            "no PIN was typed: \(program) says: \(words.count > 2 ? String(words[2]) : line)",
            hint: "look at MARTLET_PINENTRY; without it the PIN is asked for on the terminal", .refused)
    }

    /// The terminal that this program was started from; nil where there is none.
    private static func terminalName() -> String? {
        guard Terminal() != nil else { return nil }
        let own = [STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO].first { isatty($0) == 1 && tcgetsid($0) == getsid(0) }
        return own.flatMap { ttyname($0) }.map { String(cString: $0) } ?? "/dev/tty"
    }

    /// The longest line of the protocol, in bytes.
    private static let longestLine = 1000

    private static func line(from descriptor: Int32) throws(CommandFailure) -> [UInt8]? {
        try SecretSource.line(from: descriptor, ofAtMost: longestLine)
    }

    private var failure: CommandFailure {
        CommandFailure("\(program) does not speak as a pinentry does", hint: "look at MARTLET_PINENTRY", .unavailable)
    }

    /// Whether the next answer is OK; comments are passed over.
    private static func isFine(_ descriptor: Int32) throws(CommandFailure) -> Bool {
        while true {
            guard let line = try line(from: descriptor) else { return false }
            if line.starts(with: "OK".utf8) { return true }
            guard line.starts(with: "#".utf8) || line.starts(with: "S ".utf8) else { return false }
        }
    }

    private static func escaped(_ text: String) -> String {
        text.printable.map { $0 == "%" ? "%25" : String($0) }.joined()
    }

    /// Percent-encoding taken off. The result is the only copy.
    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                result.append(byte)
                continue
            }
            result.append(value)
            rest = rest.dropFirst(2)
        }
        return result
    }
}

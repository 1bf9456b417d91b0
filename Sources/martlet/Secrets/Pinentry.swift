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
        if let name = getenv("TERM") { requests.append("OPTION ttytype=" + String(cString: name)) }
        requests.append("SETPROMPT PIN:")
        guard Self.isFine(child.output) else { throw failure }
        for request in requests {
            child.send(request + "\n")
            _ = Self.isFine(child.output)
        }
        child.send("GETPIN\n")
        var typed: [UInt8]?
        defer { typed?.wipe() }
        while true {
            var line = SecretSource.line(from: child.output)
            defer { line.wipe() }
            if line.starts(with: "D ".utf8) {
                typed?.wipe()
                typed = Self.unescaped(line.dropFirst(2))
            } else if line.starts(with: "OK".utf8) {
                child.send("BYE\n")
                return try SecretSource.answer(typed ?? [])
            } else if line.isEmpty || line.starts(with: "ERR".utf8) {
                throw CommandFailure("no PIN was typed: \(program) was cancelled", hint: "run it again", .refused)
            }
        }
    }

    private var failure: CommandFailure {
        CommandFailure("\(program) does not speak as a pinentry does", hint: "look at MARTLET_PINENTRY", .unavailable)
    }

    /// Whether the next answer is OK; comments are passed over.
    private static func isFine(_ descriptor: Int32) -> Bool {
        while true {
            let line = SecretSource.line(from: descriptor)
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

import CBuild
import CLibrary

/// Whether the module can be loaded, and is the one that belongs to this program.
enum ModuleCheck {
    /// How long a module may take, in seconds: a card that another program holds is waited for.
    private static let patience = 60

    static func findings(module named: String?) -> [Finding] {
        let module: String
        do throws(CommandFailure) {
            module = try Companions.module(named: named)
        } catch {
            return [.bad(error.message, mend: error.hint)]
        }
        return [loading(module), RegistrationCheck.finding(module)] + RegistrationCheck.others(beside: module)
            + AgentCheck.findings(module)
    }

    private static func loading(_ module: String) -> Finding {
        let answer = Progress.during("loading \(module)") { ModuleAnswer.ofOwnProcess(module, seconds: patience) }
        guard let answer else {
            return mended("\(module) does not answer, or crashes where it is loaded")
        }
        if let problem = answer.problem { return mended("\(module) cannot be loaded: \(problem)") }
        guard answer.manufacturer == "Martlet" else {
            return mended("\(module) is another module: '\(answer.description)' by '\(answer.manufacturer)'")
        }
        let own = Martlet.configuration.version.split(separator: ".").prefix(2).joined(separator: ".")
        let found = "\(answer.major).\(answer.minor)"
        guard found == own else {
            return mended("\(module) has version \(found), and this program \(own)")
        }
        guard let mark = buildMark(of: module), mark == String(cString: martlet_build_mark()) else {
            return mended("\(module) is of another build than this program")
        }
        let count = answer.tokens.count
        return .good("the module loads, version \(found), and shows \(count == 1 ? "one token" : "\(count) tokens")")
    }

    private static func mended(_ text: String) -> Finding {
        if let command = Companions.reinstallCommand { return .bad(text, run: command) }
        return .bad(text, mend: Companions.reinstallAdvice)
    }

    /// The mark of the build in a module's file; nil where there is none.
    private static func buildMark(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0,
            let content = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0), content != MAP_FAILED
        else { return nil }
        defer { munmap(content, Int(status.st_size)) }
        let bytes = UnsafeRawBufferPointer(start: content, count: Int(status.st_size))
        let start = Array("martlet-build:".utf8)
        var offset = 0
        while let next = bytes[offset...].firstIndex(of: start[0]) {
            guard !bytes[next...].starts(with: start) else {
                offset = next
                break
            }
            offset = next + 1
        }
        guard bytes[offset...].starts(with: start) else { return nil }
        let text = bytes[offset...].prefix(64).prefix { $0 != 0 }
        return String(decoding: text, as: UTF8.self)
    }
}

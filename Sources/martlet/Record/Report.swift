import ArgumentParser
import CBuild
import CLibrary
import CardRecord
import Platform
import Version

/// Puts together what somebody needs who is to mend a fault without the card.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put what is known of a fault into one file to send.",
        discussion: """
            The file has the versions of Martlet, its module and the system, the settings in force, what the doctor finds, and \
            a record of a program and the card (see martlet record): of the one that is named, else of a look at all that the \
            card has. Serial numbers, names and your home are taken out; look at it all the same before you send it.

            Examples:
              martlet report
              martlet report --output ssh.report -- ssh server
            """)

    @Option(help: "The file; it must not be there yet.", completion: .file())
    var output = "martlet.report"

    @Flag(help: "Write over a file that is there.")
    var force = false

    @Option(help: "The reader whose name has this in it, where cards are in more than one.")
    var reader: String?

    @Option(help: "The PKCS#11 module to look for. The default is the one that belongs to this program.")
    var module: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func run() throws {
        let file = try OutputFile(output, isSecret: true, isReplacing: force)
        let standIns = try StandIns()
        let diagnosis = Diagnosis(module: module)
        var words = PrivateWords(standIns)
        words.add(diagnosis.cards)
        var text = ["martlet-report 1"]
        text += ["", "# Versions"] + versions
        text += ["", "# Settings"] + SettingReport.lines()
        text +=
            ["", "# Doctor"]
            + diagnosis.findings.flatMap { finding in
                ["\(finding.state.rawValue): \(finding.text)"] + (finding.remedy.map { ["  \($0)"] } ?? [])
            }
        var lines = text.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map { line in
            line.hasPrefix("# ") ? String(line) : words.masked(String(line))
        }
        lines += ["", "# Record"]
        do throws(CommandFailure) {
            let recorder = try Recorder(reader: reader)
            for program in programs { _ = try recorder.run(program) }
            lines.append(RecordMask(standIns).masked(recorder.record).text)
        } catch {
            // A card that cannot be had is what the report is about.
            lines += ["there is none: \(words.masked(error.message))", ""]
        }
        try file.write(Array(lines.joined(separator: "\n").utf8))
        print("The report is in \(output). Look at it, and send it to those who mend Martlet.")
    }

    /// What is recorded.
    private var programs: [[String]] {
        guard command.isEmpty else { return [command] }
        let look = (try? Companions.module(named: module)).map { [[Companions.executable, "probe-module", $0]] } ?? []
        // What is said there is known to the record.
        return (look + [[Companions.executable, "list", "--all"]]).map {
            ["sh", "-c", "exec \"$@\" >/dev/null", "sh"] + $0
        }
    }

    private var versions: [String] {
        let system = FileTree.text(of: "/etc/os-release")?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return [
            "Martlet \(Version.text), \(String(cString: martlet_build_mark()))",
            "system: \(system?.dropFirst(12).filter { $0 != "\"" } ?? "unknown")",
            "kernel: \(FileTree.line(of: "/proc/sys/kernel/osrelease") ?? "unknown")",
            "pcscd: \(Self.output(["pcscd", "--version"]))",
            "OpenSSL: \(Self.output(["openssl", "version"]))", "OpenSSH: \(Self.output(["sh", "-c", "ssh -V 2>&1"]))",
        ]
    }

    private static func output(_ words: [String]) -> String {
        guard let child = Command.open(words), let text = child.result(withinSeconds: 5) else { return "not told" }
        return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).printable
    }
}

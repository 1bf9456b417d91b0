import Foundation
import TestSupport
import Testing

/// `--help`, and what shells complete.
@Suite struct HelpTests {
    private static func help(_ words: [String], columns: Int? = nil) throws -> String {
        let width = columns.map { ["COLUMNS": String($0)] } ?? [:]
        return try Tool.run(
            [PackageRoot.program("martlet")] + words + ["--help"],
            environment: Tool.cleanEnvironment.merging(width) { $1 }
        ).checked().text
    }

    /// Every command that a help page lists, by its words.
    private static func allCommands() throws -> [[String]] {
        var found: [[String]] = [], waiting: [[String]] = [[]]
        while let words = waiting.popLast() {
            found.append(words)
            waiting += try subcommands(in: help(words)).map { words + [$0] }
        }
        return found
    }

    /// The subcommands that a help page lists.
    private static func subcommands(in help: String) -> [String] {
        var isListed = false
        return help.split(separator: "\n").compactMap { line in
            if line.hasSuffix("SUBCOMMANDS:") { isListed = true }
            guard isListed, line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  See ") else { return nil }
            return line.split(separator: " ").first.map(String.init)
        }
    }

    @Test("Each command explains itself with an example")
    func examples() throws {
        var commands = try Self.subcommands(in: Self.help([])).map { [$0] }
        #expect(
            Set(commands.map { $0[0] }).isSuperset(of: [
                "list", "info", "doctor", "export-ssh", "certificate", "sign", "decrypt", "trace", "config", "demo",
                "install", "uninstall",
            ]))
        while let words = commands.popLast() {
            let text = try Self.help(words)
            #expect(text.contains("Example"), "\(words)")
            #expect(text.contains("martlet \(words[0])"), "\(words)")
            commands += Self.subcommands(in: text).map { words + [$0] }
        }
    }

    @Test("The licences of what is linked in are shown")
    func licences() throws {
        let text = try Tool.run([PackageRoot.program("martlet"), "--licences"]).checked().text
        #expect(
            try text == String(contentsOfFile: PackageRoot.path + "/Sources/martlet/Licences/NOTICE", encoding: .utf8))
        let own = try String(contentsOfFile: PackageRoot.path + "/LICENSE", encoding: .utf8)
        #expect(text.contains(own.trimmingCharacters(in: .whitespacesAndNewlines)))
        for name in ["Apache License", "Runtime Library Exception", "GCC RUNTIME LIBRARY", "UNICODE LICENSE V3"] {
            #expect(text.contains(name), "\(name)")
        }
    }

    @Test("In a narrow terminal no command of an example is broken, and no word", arguments: [30, 40, 60, 100])
    func narrow(_ columns: Int) throws {
        for words in try Self.allCommands() {
            let whole = try Self.help(words, columns: 1000), narrow = try Self.help(words, columns: columns)
            let examples = whole.split(separator: "\n").filter {
                ($0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("   ")) || $0.hasPrefix("Example: ")
            }.prefix { !$0.hasPrefix("  -") }
            let commands = examples.filter { !$0.hasPrefix("  See ") }
            for line in commands where line.contains("martlet ") || line.contains("openssl ") {
                #expect(narrow.split(separator: "\n").contains(line), "\(words): \(line)")
            }
            func tokens(_ text: String) -> [Substring] { text.split { $0 == " " || $0 == "\n" } }
            #expect(tokens(whole) == tokens(narrow), "\(words)")
            let allowed = Set(examples)
            for line in narrow.split(separator: "\n") where line.count > columns && !allowed.contains(line) {
                // A word or an option with its value that is longer than the line.
                let rest = line.drop { $0 == " " }
                #expect(!rest.contains(" ") || rest.hasPrefix("[") || rest.hasPrefix("-"), "\(words): \(line)")
            }
        }
    }

    @Test("help COMMAND is the command's help")
    func helpWord() throws {
        for words in [["list"], ["certificate", "export"]] {
            let answer = try Tool.run([PackageRoot.program("martlet"), "help"] + words).checked().text
            #expect(try answer == Self.help(words))
        }
        #expect(try Tool.run(PackageRoot.program("martlet"), "help").checked().text == Self.help([]))
    }

    @Test("The manual page has every command and option, and troff has nothing to complain of")
    func manual() throws {
        let page = try Tool.run(PackageRoot.program("martlet"), "manual").checked()
        for words in try Self.allCommands() where !words.isEmpty {
            let name = "martlet " + words.joined(separator: " ")
            let escaped = name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "\\-")
            #expect(page.text.contains(".SS \"\(escaped)\"\n"), "\(name)")
        }
        for option in ["\\-\\-pin\\-fd", "\\-\\-reader", "\\-\\-json"] {
            #expect(page.text.contains(option), "\(option)")
        }
        let card = try Tool.run(
            PackageRoot.program("martlet"), "manual", "--program", PackageRoot.program("martlet-card")
        ).checked()
        #expect(card.text.hasPrefix(".TH MARTLET\\-CARD 1 "))
        guard Tool.missing("groff", package: "groff-base") == nil else { return }
        for page in [page, card] {
            let set = try Tool.run(["groff", "-man", "-ww", "-Tutf8", "-z"], input: page.output)
            #expect(set.succeeded && set.errorText == "", "\(set)")
        }
    }

    @Test("Exit codes are told")
    func exitCodes() throws {
        let text = try Self.help([])
        for code in ["0 ", "1 ", "64", "65", "69", "77"] { #expect(text.contains("\n  \(code)  "), "\(code)") }
    }

    @Test("bash completes commands, and keys")
    func completion() throws {
        let script = try Tool.run(PackageRoot.program("martlet"), "--generate-completion-script", "bash").checked()
        let complete = #"""
            eval "$(cat)"
            complete_words() {
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
                COMPREPLY=()
                "$(complete -p martlet | sed 's/.*-F \([^ ]*\) .*/\1/')" martlet "${@: -1}" "${@: -2:1}"
                echo "${COMPREPLY[@]}"
            }
            complete_words martlet cert
            complete_words martlet info 9
            """#
        let answer = try Tool.run(["bash", "-c", complete], input: script.output).checked().lines
        #expect(answer.first?.split(separator: " ").contains("certificate") == true, "\(answer)")
        #expect(answer.last?.split(separator: " ").contains("9a") == true, "\(answer)")
    }
}

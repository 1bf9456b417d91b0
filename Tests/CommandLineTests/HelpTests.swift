import Foundation
import TestSupport
import Testing

/// `--help`, and what shells complete.
@Suite struct HelpTests {
    private static func help(_ words: [String]) throws -> String {
        try Tool.run([PackageRoot.program("martlet")] + words + ["--help"]).checked().text
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

import ArgumentParser
import FoundationEssentials

/// A program as swift-argument-parser describes it (`--experimental-dump-help`), as far as a manual page needs it.
struct ProgramDescription: Decodable {
    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool?
        let subcommands: [Command]?
        let arguments: [Argument]?

        /// The commands that a person is shown.
        var shownCommands: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
        }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            /// As it is typed.
            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
    }

    let command: Command

    /// This program.
    static func own() throws(CommandFailure) -> ProgramDescription {
        try ProgramDescription(Martlet._dumpHelp(), "martlet")
    }

    /// Another program that swift-argument-parser serves.
    static func of(program: String) throws(CommandFailure) -> ProgramDescription {
        let child = martlet.Command.open([program, "--experimental-dump-help"])
        let answer = child.flatMap { $0.result(withinSeconds: 20) } ?? []
        return try ProgramDescription(String(decoding: answer, as: UTF8.self), program)
    }

    private init(_ text: String, _ program: String) throws(CommandFailure) {
        guard let description = try? JSONDecoder().decode(ProgramDescription.self, from: Data(text.utf8)) else {
            throw CommandFailure(
                "\(program) does not describe itself", hint: "name a program of Martlet's: martlet-card", .unavailable)
        }
        self = description
    }
}

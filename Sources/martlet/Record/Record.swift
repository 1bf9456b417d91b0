import ArgumentParser

/// Runs a program and writes down what the module says to the card meanwhile, without whose it is.
struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program, and write what passes between Martlet and the card to a file that can be shown.",
        discussion: """
            PINs, keys, serial numbers, names and the contents of certificates are taken out, and others of the same length and \
            form stand in their place: the file tells what the card can do and how it answers, and not whose it is. It is for \
            its owner alone all the same, and text: look at it before you send it. martlet-card replay answers from it.

            Only Martlet's own module is recorded, in the program and its children, with one card. The exit code is the \
            program's; 128 and the number of the signal that ended it.

            Examples:
              martlet record -- ssh server
              martlet record --output my.record -- martlet sign 9a letter.txt --output letter.sig
            """)

    @Option(help: "The file; it must not be there yet.", completion: .file())
    var output = "martlet.record"

    @Flag(help: "Write over a file that is there.")
    var force = false

    @Option(help: "The reader whose name has this in it, where cards are in more than one.")
    var reader: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func run() throws {
        guard !command.isEmpty else {
            throw CommandFailure("no program is named", hint: "martlet record -- PROGRAM ARGUMENTS", .usage)
        }
        let recorder = try Recorder(reader: reader)
        let file = try OutputFile(output, isSecret: true, isReplacing: force)
        let status = try recorder.run(command)
        let record = RecordMask(try StandIns()).masked(recorder.record)
        try file.write(Array(record.text.utf8))
        StandardError.write("martlet: \(record.exchanges.count) commands and answers are in \(output)\n")
        throw ExitCode(status)
    }
}

import ArgumentParser

/// Where what a command makes goes.
struct ResultFile: ParsableArguments {
    @Option(help: "The file to write. The default is standard output.", completion: .file())
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    /// The file, opened.
    ///
    /// - Parameters:
    ///   - isSecret: whether it is for its owner alone.
    ///   - content: what is to be written.
    func open(
        isSecret: Bool = false, content: OutputFile.Content = .text
    ) throws(CommandFailure) -> OutputFile {
        try OutputFile(output, isSecret: isSecret, isReplacing: force, content: content)
    }
}

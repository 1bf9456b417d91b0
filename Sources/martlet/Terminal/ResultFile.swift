import ArgumentParser

/// Where what a command makes goes.
struct ResultFile: ParsableArguments {
    @Option(help: "The file to write. The default is standard output.", completion: .file())
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    /// The file, opened.
    ///
    /// - Parameter isSecret: whether it is for its owner alone.
    func open(isSecret: Bool = false) throws(CommandFailure) -> OutputFile {
        try OutputFile(output, isSecret: isSecret, isReplacing: force)
    }
}

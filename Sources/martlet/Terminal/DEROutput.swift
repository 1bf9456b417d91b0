import ArgumentParser

/// Where DER goes, such as a certificate, and in which form.
struct DEROutput: ParsableArguments {
    @OptionGroup var file: ResultFile

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    /// The file, opened.
    func open() throws(CommandFailure) -> OutputFile { try file.open(content: format.content) }

    /// Writes DER, in the form that was asked for.
    func write(_ der: [UInt8], label: String, to file: OutputFile) throws(CommandFailure) {
        try file.write(format.file(der, label: label))
    }
}

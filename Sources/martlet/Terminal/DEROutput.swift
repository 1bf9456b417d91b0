import ArgumentParser

/// How DER is written to a file.
enum DERFormat: String, CaseIterable, ExpressibleByArgument {
    case pem
    case der

    /// The bytes of the file.
    func file(_ der: [UInt8], label: String) -> [UInt8] {
        switch self {
        case .pem: Array(PEM.text(der, label: label).utf8)
        case .der: der
        }
    }
}

/// Where a certificate or a request goes, and in which form.
struct DEROutput: ParsableArguments {
    @Option(help: "The file to write. The default is standard output.", completion: .file())
    var output: String?

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    func write(_ der: [UInt8], label: String) throws(CommandFailure) {
        try OutputFile.write(format.file(der, label: label), to: output)
    }
}

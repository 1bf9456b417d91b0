import CLibrary
import HostCrypto
import Platform

/// Who can open what is sealed: the owner of a certificate (CMS, by the program openssl), or a recipient of age.
struct Sealer {
    private enum Recipient {
        case certificate(String)
        case age(String)
    }

    private let recipient: Recipient

    /// - Parameter text: a recipient of age, or the file of a certificate.
    init(_ text: String) throws(CommandFailure) {
        guard !text.hasPrefix("age1") else {
            try Self.require("age")
            recipient = .age(text)
            try checkSeals()
            return
        }
        try Self.require("openssl")
        guard let der = PEM.der(in: try InputFile.read(text), label: "CERTIFICATE"),
            let certificate = try? Certificate(der: der)
        else {
            throw CommandFailure(
                "\(text) holds no certificate",
                hint: "give an X.509 certificate in PEM, or a recipient of age: age1...", .data)
        }
        guard !certificate.isExpired else {
            throw CommandFailure(
                "the certificate in \(text) has expired on \(certificate.notAfter?.date ?? "")",
                hint: "give one that is valid",
                .data)
        }
        recipient = .certificate(text)
        try checkSeals()
    }

    /// Before any card is asked for: a recipient may have the form of one, and be none.
    private func checkSeals() throws(CommandFailure) {
        var text = Array("a try\n".utf8)
        _ = try seal(&text)
    }

    private static func require(_ program: String) throws(CommandFailure) {
        guard !Command.isInPath(program) else { return }
        throw CommandFailure(
            "\(program), which seals the PINs, is not installed", hint: "sudo apt-get install -y \(program)",
            .unavailable)
    }

    /// How the names of sealed files end.
    var suffix: String { if case .age = recipient { "age" } else { "cms" } }

    /// The text, sealed. It is wiped.
    func seal(_ text: inout [UInt8]) throws(CommandFailure) -> [UInt8] {
        defer { text.wipe() }
        let words =
            switch recipient {
            case .certificate(let file):
                ["openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "PEM", file]
            case .age(let key): ["age", "--armor", "--recipient", key]
            }
        guard let child = Command.open(words, takingErrors: true) else {
            throw CommandFailure(system: "cannot start", words[0])
        }
        child.send(text)
        child.closeInput()
        let mark = suffix == "age" ? "-----BEGIN AGE" : "-----BEGIN CMS"
        let (sealed, errors) = child.resultAndErrors(withinSeconds: 60)
        guard let sealed, sealed.starts(with: mark.utf8) else {
            let reason = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
            throw CommandFailure(
                "\(words[0]) does not seal the PINs" + (reason.isEmpty ? "" : ": \(reason.prefix(200))"),
                hint: "try it by hand: \(words.map(\.shellWord).joined(separator: " ")) </dev/null")
        }
        return sealed
    }
}

import HostCrypto
import Keys
import Token

/// All that `info` shows of one key. The names of the properties are those of the JSON.
struct KeyDetails: Encodable {
    let reader: String
    let application: String
    let serialNumber: String
    let firmware: String?
    let uri: String
    /// Lines for a shell that use the key; words in capital letters stand for something.
    let commands: [String]
    let report: KeyReport

    init(_ card: CardToken, _ content: KeyReport.Content, module: String?) throws(CommandFailure) {
        let token = try card.information()
        reader = card.reader
        application = card.application.rawValue
        serialNumber = token.serialNumber
        firmware = try card.firmware()
        uri = PKCS11URI.text(token, content, kind: content.policy == nil ? "cert" : "private")
        commands = Self.commands(content, token, uri: uri, module: module)
        report = KeyReport(content)
    }

    private enum CodingKeys: CodingKey {
        case reader, application, serialNumber, firmware, uri, commands
    }

    /// The key's own properties stand beside those of its card.
    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reader, forKey: .reader)
        try container.encode(application, forKey: .application)
        try container.encode(serialNumber, forKey: .serialNumber)
        try container.encodeIfPresent(firmware, forKey: .firmware)
        try container.encode(uri, forKey: .uri)
        try container.encode(commands, forKey: .commands)
    }

    /// Each line names the card, as another one may be in a reader too.
    private static func commands(
        _ content: KeyReport.Content, _ token: TokenInformation, uri: String, module: String?
    ) -> [String] {
        let key = content.name.text.lowercased()
        let onCard = "--serial \(token.serialNumber.shellWord)"
        let id = content.id.hexadecimal
        var lines: [String] = []
        if content.usage.contains(.sign) {
            if content.publicKey.flatMap(SSHPublicKey.init) != nil {
                lines.append("martlet export-ssh \(key) \(onCard)")
                if let module { lines.append("ssh -o PKCS11Provider=\(module.shellWord) HOST") }
            }
            lines.append("martlet sign \(key) FILE --output FILE.sig \(onCard)")
            if let module {
                lines.append(
                    "PKCS11_MODULE_PATH=\(module.shellWord) openssl dgst -engine pkcs11 -keyform engine -sha256 "
                        + "-sign \(uri.shellWord) -out FILE.sig FILE")
            }
            lines.append("martlet certificate request \(key) --subject NAME --output \(key).csr \(onCard)")
        }
        if content.usage.contains(.decrypt) {
            lines.append("martlet decrypt \(key) FILE --output FILE.plain \(onCard)")
        }
        if content.usage.contains(.derive), let module {
            lines.append(
                "pkcs11-tool --module \(module.shellWord) --token-label \(token.label.shellWord) --login --derive --id \(id) "
                    + "--mechanism ECDH1-DERIVE --input-file POINT --output-file SECRET")
        }
        if content.certificate != nil {
            lines.append("martlet certificate export \(key) --output \(key).pem \(onCard)")
        }
        return lines
    }
}

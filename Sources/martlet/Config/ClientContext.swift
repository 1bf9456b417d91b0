import CLibrary
import HostCrypto
import Token

/// What the lines for a program are made from.
struct ClientContext: Sendable {
    /// The module's absolute path.
    let module: String
    /// Whether programs find the module through p11-kit.
    let isRegistered: Bool
    /// The key that was chosen; nil where no card is there, and words that begin with `standIn` stand for what it would tell.
    let key: ChosenKey?

    /// The folder of the person whose lines these are.
    var home: String { getenv("HOME").map { String(cString: $0) } ?? "/root" }

    /// How a word begins that stands for something that only a card tells.
    static let standIn = "YOUR-"

    /// The module's path as a shell reads it.
    var moduleWord: String { module.shellWord }

    // MARK: The token

    var tokenLabel: String { key?.token.label ?? "YOUR-TOKEN" }
    var serialNumber: String { key?.token.serialNumber ?? "YOUR-SERIAL" }

    /// The URI of the token alone.
    var tokenURI: String { key.map { PKCS11URI.text($0.token) } ?? "pkcs11:token=YOUR-TOKEN;serial=YOUR-SERIAL" }

    // MARK: The key

    /// The name by which `martlet` knows the key, in small letters.
    var keyName: String { key?.content.name.text.lowercased() ?? "YOUR-KEY" }
    /// CKA_ID in hexadecimal digits.
    var id: String { key?.content.id.hexadecimal ?? "YOUR-ID" }
    /// CKA_LABEL of the private key.
    var label: String { key?.content.label ?? "YOUR-LABEL" }
    /// CKA_LABEL of its certificate.
    var certificateLabel: String { key?.certificateLabel ?? "YOUR-LABEL" }

    /// The URI of the private key, which names the token too.
    var uri: String { uri("private") }
    /// The URI of its certificate.
    var certificateURI: String { uri("cert") }

    /// The URI of all that belongs to the key.
    var idURI: String { String(uri.dropLast(";type=private".count)) }

    /// The URI of a thing that belongs to the key.
    /// - Parameter kind: as RFC 7512 has it: `private`, `public`, `cert`.
    func uri(_ kind: String) -> String {
        guard let key else { return "\(tokenURI);id=%YOUR-ID;type=\(kind)" }
        return PKCS11URI.text(key.token, key.content, kind: kind)
    }

    /// The same private key, with the file in which its PIN lies.
    func uri(pinIn file: String) -> String { "\(uri)?pin-source=\(file)" }

    /// The file of a person's PIN, for programs that ask nobody.
    var pinFile: String { "\(home)/.card-pin" }

    /// The file of the PIN for the system's services.
    static let servicePINFile = "/etc/card-pin"

    /// The public key as a line of `authorized_keys`, without a comment.
    var sshKey: String {
        guard let publicKey = key?.content.publicKey.flatMap(SSHPublicKey.init) else {
            return "\(Self.standIn)PUBLIC-KEY"
        }
        return publicKey.line(comment: "").split(separator: " ").joined(separator: " ")
    }

    /// The key as OpenVPN's pkcs11-helper names it: manufacturer, model, serial number, label, id.
    var serializedID: String {
        let token = key?.token
        let fields = [token?.manufacturer, token?.model, token?.serialNumber, token?.label].enumerated().map {
            index, field in
            field ?? Self.standIn + ["MANUFACTURER", "MODEL", "SERIAL", "TOKEN"][index]
        }
        let escaped = fields.map { Array($0.utf8).escaped(by: "\\x", plain: "-._") }
        return (escaped + [id.uppercased()]).joined(separator: "/")
    }

    var isRSA: Bool { if case .rsa? = key?.content.publicKey { true } else { false } }

    /// Whether the card makes no RSA signatures with PSS, which TLS 1.3 demands, and TLS 1.2 prefers.
    var lacksPSS: Bool { isRSA && key?.padsRSA == true }

    /// Whether the key wants its PIN for each use.
    var wantsEachUse: Bool { key?.content.policy?.pin == .always }

    /// The line that writes the key's certificate to a file, over an older one.
    func certificateExport(to file: String) -> String {
        "martlet certificate export \(keyName) --output \(file) --force"
    }

    /// The lines without which programs that use p11-kit do not find the module.
    var registration: [String] {
        guard !isRegistered else { return [] }
        return [
            "mkdir -p ~/.config/pkcs11/modules",
            "echo \("module: \(module)".shellWord) > ~/.config/pkcs11/modules/martlet.module",
        ]
    }
}

/// A key on a card in a reader.
struct ChosenKey: Sendable {
    let token: TokenInformation
    /// Whether the card puts the padding of PKCS#1 v1.5 on RSA signatures itself, and knows no other.
    let padsRSA: Bool
    let content: KeyReport.Content
    /// CKA_LABEL of the certificate that belongs to the key.
    let certificateLabel: String
}

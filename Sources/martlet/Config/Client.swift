import Token

/// A program that can use the card, and the lines that make it do so.
struct Client: Sendable {
    /// Where the lines go.
    enum Place {
        /// A shell, where they are commands.
        case shell
        /// A shell of root's.
        case rootShell
        /// A file.
        case file(String)

        /// The place in words.
        var text: String {
            switch self {
            case .shell: "a shell"
            case .rootShell: "a shell of root's"
            case .file(let file): file
            }
        }
    }

    /// What it is called on the command line.
    let name: String
    /// In one line: what it is, and what it does with the card.
    let summary: String
    let place: Place
    /// What it wants of a key; nil where the lines name none.
    var demand: KeyDemand?
    /// How it comes to the PIN, in sentences; empty where it needs none.
    var pin = ""
    /// Whether it gives the PIN of a key that wants it for each use (`CKU_CONTEXT_SPECIFIC`).
    var knowsEachUse = false
    /// What else is to be known, in sentences.
    var advice: [String] = []
    /// Whether what is to be said of the lines stands among them. Else they are a whole file, as scripts are promised it.
    var hasComments = true
    let lines: @Sendable (ClientContext) -> [String]

    /// The lines of a shell that write a file.
    static func write(_ lines: [String], to file: String) -> [String] { ["cat > \(file) <<'END'"] + lines + ["END"] }

    /// What is said of programs that ask nobody.
    /// - Parameter file: where the PIN lies.
    static func pin(in file: String) -> String {
        "is read from a file, which ends without a newline: (umask 077; printf %s YOUR-PIN > \(file))"
    }
}

/// What a program wants of the key that it is given.
struct KeyDemand: Sendable {
    /// What it does with the key.
    enum Purpose {
        /// It shows who somebody is: ssh, TLS.
        case authentication
        /// It signs what is kept: files, commits, certificates.
        case signature
        case decryption
    }

    let purpose: Purpose
    /// Whether the key must have a certificate.
    var hasCertificate = false
    /// Whether no other kind of key will do.
    var isRSA = false

    /// A client that shows a certificate.
    static let client = KeyDemand(purpose: .authentication, hasCertificate: true)
    /// A program that signs with a certificate.
    static let signer = KeyDemand(purpose: .signature, hasCertificate: true)

    /// The keys that fit, in the order in which they are taken; the numbers are those of `KeyName`.
    private var order: [KeyName] {
        let names: [String] =
            switch purpose {
            case .authentication: ["9a", "aut", "9e", "9c", "sig", "9d"]
            case .signature: ["9c", "sig", "9a", "aut", "9e", "9d"]
            case .decryption: ["9d", "dec"]
            }
        return names.compactMap { KeyName(argument: $0) }
    }

    /// How well a key fits: the less the better; nil where it does not.
    func rank(_ content: KeyReport.Content) -> Int? {
        let usage: KeyUsage = purpose == .decryption ? [.decrypt, .derive] : .sign
        guard !content.usage.isDisjoint(with: usage) else { return nil }
        if isRSA { guard case .rsa = content.publicKey else { return nil } }
        let place = order.firstIndex(of: content.name) ?? order.count
        return hasCertificate && content.certificate == nil ? place + 100 : place
    }
}

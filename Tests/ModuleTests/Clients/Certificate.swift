import TestSupport

/// A certificate in a DER file, and what OpenSSL makes of it.
struct Certificate {
    let file: String

    /// The public key as a PEM file beside the certificate.
    func publicKey() throws -> String {
        let key = file + ".pub"
        try Tool.run(
            "openssl", "x509", "-inform", "DER", "-in", file, "-noout", "-pubkey", "-out", key
        ).checked()
        return key
    }

    /// The certificate as a PEM file beside the other.
    func pem() throws -> String {
        try Tool.run("openssl", "x509", "-inform", "DER", "-in", file, "-out", file + ".pem").checked()
        return file + ".pem"
    }

    /// The text of a PEM file's certificate, as it stands in other files too.
    static func text(ofPEM file: String) throws -> String {
        try Tool.run("openssl", "x509", "-in", file).checked().text
    }

    /// Lets OpenSSL encrypt a file for this certificate's key, as a CMS message in DER.
    func encryptMessage(_ plain: String, to message: String) throws {
        try Tool.run(
            "openssl", "cms", "-encrypt", "-binary", "-in", plain, "-outform", "DER", "-out", message, pem()
        ).checked()
    }

    /// Asks OpenSSL whether a signed CMS message in DER is right, and by this certificate's key.
    func verifyMessage(_ message: String) throws -> Bool {
        let signer = file + ".signer"
        let isRight = try Tool.run(
            "openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", message, "-signer", signer, "-out",
            "/dev/null"
        ).succeeded
        return try isRight && Tool.run("cmp", signer, pem()).succeeded
    }

    /// The public key in the form of `authorized_keys`, without a comment.
    func sshPublicKey() throws -> String {
        let line = try Tool.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", publicKey()).checked().text
        return line.split(separator: " ").prefix(2).joined(separator: " ").filter { $0 != "\n" }
    }

    /// Asks OpenSSL whether `signature` over the file `data` is this certificate's key's.
    func verify(_ data: String, signature: String, _ mechanism: SigningMechanism) throws -> ToolResult {
        let key = try publicKey()
        if let digest = mechanism.digest {
            return try Tool.run(
                ["openssl", "dgst", "-\(digest)", "-verify", key, "-signature", signature]
                    + mechanism.options.flatMap { ["-sigopt", $0] } + [data])
        }
        let wholeMessage = mechanism.name == "EDDSA" ? ["-rawin"] : []
        return try Tool.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-sigfile", signature, "-in", data]
                + wholeMessage + mechanism.options.flatMap { ["-pkeyopt", $0] })
    }
}

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

    /// The public key in the form of `authorized_keys`, without a comment.
    func sshPublicKey() throws -> String {
        let line = try Tool.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", publicKey()).checked().text
        return line.split(separator: " ").prefix(2).joined(separator: " ").filter { $0 != "\n" }
    }

    /// Asks OpenSSL whether `signature` over the file `data` is this certificate's key's.
    func verify(_ data: String, signature: String, _ mechanism: SigningMechanism) throws -> ToolResult {
        let key = try publicKey()
        if let digest = mechanism.digest {
            return try Tool.run("openssl", "dgst", "-\(digest)", "-verify", key, "-signature", signature, data)
        }
        let wholeMessage = mechanism.name == "EDDSA" ? ["-rawin"] : []
        return try Tool.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-sigfile", signature, "-in", data]
                + wholeMessage)
    }
}

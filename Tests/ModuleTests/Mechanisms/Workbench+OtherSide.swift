import Foundation
import TestSupport

/// What OpenSSL does on the other side: encrypts and wraps for the card's keys, and agrees with them.
extension Workbench {
    /// Encrypts a file for a key.
    func encrypt(_ plain: String, for use: KeyUse, to ciphertext: String) throws {
        try Tool.run(
            ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", certificate(use.key).publicKey(), "-in", plain]
                + ["-out", ciphertext] + Self.paddingOptions(use)
        ).checked()
    }

    /// Wraps a secret as a mechanism has it: encrypted; or, by an AES key, after what tells the card of that key.
    func wrap(_ secret: String, for use: KeyUse, to wrapped: String) throws {
        let between = world.home.newFile("between"), head = world.home.newFile("head")
        switch use.mechanism {
        case "RSA-AES-KEY-WRAP":
            try Tool.run("openssl", "rand", "-out", between, "32").checked()
            try encrypt(between, for: use, to: head)
        case "ECDH-AES-KEY-WRAP":
            let publicKey = world.home.newFile("other"), shared = world.home.newFile("shared")
            try agree(with: use.key, publicKey: publicKey, secret: shared)
            try Tool.run([
                "openssl", "kdf", "-keylen", "32", "-kdfopt", "digest:SHA256", "-kdfopt",
                "hexsecret:" + hexadecimal(of: shared), "-binary", "-out", between, "X963KDF",
            ]).checked()
            // The point, at the end of the SubjectPublicKeyInfo: as long as two secrets, and a byte.
            let size = try 2 * contents(of: shared).count + 1
            try contents(of: publicKey).suffix(size).write(to: URL(fileURLWithPath: head))
        default: return try encrypt(secret, for: use, to: wrapped)
        }
        let rest = world.home.newFile("rest")
        try Tool.run([
            "openssl", "enc", "-e", "-id-aes256-wrap-pad", "-K", hexadecimal(of: between), "-iv", "A65959A6", "-in",
            secret, "-out", rest,
        ]).checked()
        try (contents(of: head) + contents(of: rest)).write(to: URL(fileURLWithPath: wrapped))
    }

    /// Makes another key, on the curve of the card's, and the secret that both share.
    ///
    /// - Parameter publicKey: the file for its public half (SubjectPublicKeyInfo, DER).
    func agree(with key: TestedCard.Key, publicKey: String, secret: String) throws {
        let other = world.home.newFile("other.pem")
        let algorithm =
            key.isMontgomery ? [key.kind.uppercased()] : ["EC", "-pkeyopt", "group:" + Self.groupName(key.kind)]
        for command in [
            ["genpkey", "-out", other, "-algorithm"] + algorithm,
            ["pkey", "-in", other, "-pubout", "-outform", "DER", "-out", publicKey],
            ["pkeyutl", "-derive", "-inkey", other, "-peerkey", try certificate(key).publicKey(), "-out", secret],
        ] { try Tool.run(["openssl"] + command).checked() }
    }

    /// What OpenSSL calls a curve.
    private static func groupName(_ kind: String) -> String {
        kind.replacing(/^p(?=[0-9])/, with: "P-").replacing("brainpoolp", with: "brainpoolP")
    }

    private func contents(of file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file)) }

    private func hexadecimal(of file: String) throws -> String {
        try contents(of: file).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

import HostCrypto
import TestSupport

/// OpenSSL with a key pair of its own choice, as the judge of what the library computes.
struct OpenSSLJudge {
    private let folder: TemporaryDirectory
    private let privateKey: String
    private let publicKey: String

    init(_ key: PrivateKey) throws {
        folder = try TemporaryDirectory()
        privateKey = try folder.write(key.pkcs8(), to: "private.der")
        publicKey = try folder.write(key.publicKey.subjectPublicKeyInfo, to: "public.der")
    }

    /// `openssl pkeyutl` with the private key.
    ///
    /// - Parameter isRaw: whether the algorithm wants the message itself (EdDSA).
    func withPrivateKey(
        _ operation: String, _ input: [UInt8], _ options: [String] = [], isRaw: Bool = false
    ) throws -> [UInt8] {
        let key = ["-keyform", "DER", "-inkey", privateKey, operation] + (isRaw ? ["-rawin"] : [])
        return try run(key, input, options).checked().output
    }

    /// `openssl pkeyutl` with the public key.
    func withPublicKey(_ operation: String, _ input: [UInt8], _ options: [String] = []) throws -> [UInt8] {
        try run(["-pubin", "-keyform", "DER", "-inkey", publicKey, operation], input, options).checked().output
    }

    /// Whether `openssl pkeyutl -verify` finds a signature right.
    func verifies(_ signature: [UInt8], _ input: [UInt8], _ options: [String] = []) throws -> Bool {
        let file = folder.newFile("signature")
        try folder.write(signature, to: String(file.dropFirst(folder.path.count + 1)))
        return try run(
            ["-pubin", "-keyform", "DER", "-inkey", publicKey, "-verify", "-sigfile", file], input, options
        ).succeeded
    }

    private func run(_ key: [String], _ input: [UInt8], _ options: [String]) throws -> ToolResult {
        let file = folder.newFile("input")
        try folder.write(input, to: String(file.dropFirst(folder.path.count + 1)))
        return try Tool.run(
            ["openssl", "pkeyutl"] + key + ["-in", file] + options.flatMap { ["-pkeyopt", $0] })
    }
}

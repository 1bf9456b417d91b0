import TestSupport
import Testing

extension MainJob {
    /// `pkcs11-tool` with the paddings that the host puts on and takes off, judged by OpenSSL.
    @Suite struct RSAMechanismTests {
        private let tool: PKCS11Tool

        init() throws {
            tool = try PKCS11Tool(world: MainJob.manyKeys.get(), module: BuiltModule.path())
        }

        /// PSS over a message, and over a hash with a mask of another function; by the tool's options and OpenSSL's.
        @Test(
            arguments: ["01", "05", "06"],
            [
                (
                    ["SHA256-RSA-PKCS-PSS"], "a message",
                    ["-sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]
                ),
                (
                    ["SHA384-RSA-PKCS-PSS", "--mgf", "MGF1-SHA1", "--salt-len", "20"],
                    "a message", ["-sha384", "rsa_padding_mode:pss", "rsa_pss_saltlen:20", "rsa_mgf1_md:sha1"]
                ),
                (
                    ["RSA-PKCS-PSS", "--mgf", "MGF1-SHA224", "--salt-len", "0", "--hash-algorithm", "SHA256"],
                    "thirty-two bytes for a SHA-256..",
                    ["digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:0", "rsa_mgf1_md:sha224"]
                ),
            ] as [([String], String, [String])])
        func signsWithPSS(_ id: String, _ row: (mechanism: [String], message: String, options: [String])) throws {
            let folder = try TemporaryDirectory()
            let message = try folder.write(row.message, to: "message"), signature = folder.file("signature")
            let files = ["--input-file", message, "--id", id, "--mechanism"] + row.mechanism
            try tool.runLoggedIn(["--sign", "--output-file", signature] + files).checked()
            let key = try tool.certificate(id).publicKey()
            let judge =
                row.options[0].hasPrefix("-")
                ? ["dgst", row.options[0], "-verify", key, "-signature", signature]
                    + row.options.dropFirst().flatMap { ["-sigopt", $0] } + [message]
                : ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-sigfile", signature, "-in", message]
                    + row.options.flatMap { ["-pkeyopt", $0] }
            try Tool.run(["openssl"] + judge).checked()
            // The host verifies it too.
            let verified = try tool.run(["--verify", "--signature-file", signature] + files).checked()
            #expect(verified.allText.contains("Signature is valid"), "\(verified)")
        }

        @Test(
            arguments: ["01", "06"],
            [
                (["RSA-PKCS-OAEP", "--hash-algorithm", "SHA256"], ["rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]),
                (
                    ["RSA-PKCS-OAEP", "--hash-algorithm", "SHA-1", "--mgf", "MGF1-SHA512"],
                    ["rsa_oaep_md:sha1", "rsa_mgf1_md:sha512"]
                ),
            ])
        func decryptsOAEP(_ id: String, _ row: (mechanism: [String], options: [String])) throws {
            try decrypts(id, row.mechanism, ["rsa_padding_mode:oaep"] + row.options, "the secret")
        }

        /// The bare operation, on a number as long as the modulus of 9A.
        @Test func decryptsAndSignsRaw() throws {
            let block = "\0" + String(repeating: "x", count: 255)
            try decrypts("01", ["RSA-X-509"], ["rsa_padding_mode:none"], block)
            let folder = try TemporaryDirectory()
            let signature = folder.file("signature")
            try tool.runLoggedIn([
                "--sign", "--id", "01", "--mechanism", "RSA-X-509", "--input-file",
                folder.write(block, to: "block"), "--output-file", signature,
            ]).checked()
            let recovered = try Tool.run([
                "openssl", "pkeyutl", "-verifyrecover", "-pubin", "-inkey", tool.certificate("01").publicKey(), "-in",
                signature, "-pkeyopt", "rsa_padding_mode:none",
            ]).checked()
            #expect(recovered.text == block)
        }

        private func decrypts(
            _ id: String, _ mechanism: [String], _ options: [String], _ plaintext: String
        ) throws {
            let folder = try TemporaryDirectory()
            try Tool.run(
                [
                    "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", tool.certificate(id).publicKey(), "-in",
                    folder.write(plaintext, to: "plain"), "-out", folder.file("cipher"),
                ] + options.flatMap { ["-pkeyopt", $0] }
            ).checked()
            try tool.runLoggedIn(
                [
                    "--decrypt", "--id", id, "--input-file", folder.file("cipher"), "--output-file",
                    folder.file("back"), "--mechanism",
                ] + mechanism
            ).checked()
            #expect(try folder.read("back") == Array(plaintext.utf8))
        }
    }
}

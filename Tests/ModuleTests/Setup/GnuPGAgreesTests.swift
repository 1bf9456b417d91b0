import TestSupport
import Testing

extension SetupClients {
    /// Keys that the module has an OpenPGP card make or take are keys for gpg: it knows them by the fingerprint and the date
    /// that stand beside them.
    @Suite struct GnuPGAgreesTests {
        static let kinds = [
            ["rsa:2048", "rsa:2048"], ["EC:edwards25519", "EC:curve25519"], ["EC:prime256v1", "EC:secp384r1"],
            ["EC:secp521r1", "EC:secp521r1"],
        ]

        @Test("gpg makes its key of them, and they keep their fingerprints", arguments: kinds)
        func knowsThem(_ types: [String]) throws {
            let tool = try Kind.openPGP.tool()
            for (id, type) in zip(["01", "02"], types) {
                try tool.runAsOfficer(.openPGP, ["--keypairgen", "--key-type", type, "--id", id]).checked()
            }
            let gnupg = try GnuPG(tool.world)
            let status = try gnupg.cardStatus()
            let date = try #require(status["Signature key"].flatMap { $0.isEmpty ? nil : $0 })
            #expect(date != "[none]" && status["Encryption key"] != "[none]", "\(status)")
            // "Existing key from card", the first one, with the uses that it has; it does not expire.
            let made = try gnupg.interact(
                ["--expert", "--full-generate-key"], ["14", "1", "q", "0", "Jane Doe", "jane@example.org", "", "O"])
            try #require(made.text.contains("KEY_CREATED"), "\(made)")
            let listed = try gnupg.run("--list-keys", "--with-colons").checked().text
            let fingerprints = listed.matches(of: /fpr:+([0-9A-F]{40}):/).map { String($0.output.1) }
            #expect(fingerprints.contains(date.filter(\.isHexDigit)), "\(status)\n\(listed)")
        }
    }
}

import Foundation
import TestSupport
import Testing

/// `systemd-cryptenroll` lets a card's key unlock a LUKS2 volume. The passphrase that it made is found again with the card, by
/// `pkcs11-tool`, from what it has left in the volume's header; `cryptsetup` tries it.
@Suite(
    .unless(missing: Tool.missing("systemd-cryptenroll", package: "systemd-cryptsetup")),
    .unless(missing: Tool.missing(file: "/usr/lib/systemd/systemd-cryptsetup", package: "systemd-cryptsetup")))
struct CryptenrollTests {
    /// A key, and how what is left in the header becomes the passphrase again.
    struct Enrolment: Sendable, CustomTestStringConvertible {
        let kind: String
        /// The first release of Debian whose systemd takes such keys: 252 knows RSA alone, 257 curves too.
        let since: Int
        /// What `pkcs11-tool` is told.
        let deed: [String]
        /// What stands before it to make a SubjectPublicKeyInfo of a point.
        var head: [UInt8] = []
        var testDescription: String { kind }
    }

    static let enrolments = [
        Enrolment(kind: "rsa2048", since: 12, deed: ["--decrypt", "--mechanism", "RSA-PKCS"]),
        Enrolment(
            kind: "p256", since: 13, deed: ["--derive", "--mechanism", "ECDH1-DERIVE"],
            head: [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
                0x48,
                0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ]),
    ]

    /// The part of a token in a LUKS2 header that says how it unlocks (systemd's `cryptsetup-token-util`).
    private struct Token: Decodable {
        let type: String
        let keyslots: [String]
        let key: Data

        enum CodingKeys: String, CodingKey {
            case type, keyslots
            case key = "pkcs11-key"
        }
    }

    @Test("A key in 9D unlocks a volume", .unless(missing: cryptsetup), arguments: enrolments)
    func unlocks(_ enrolment: Enrolment) throws {
        guard Debian.release >= enrolment.since else { try Test.cancel("from Debian \(enrolment.since) on") }
        let bench = try Workbench(TestedCard.piv(["p256", "p256", enrolment.kind])), home = bench.world.home
        try bench.world.registerModule()
        // Not in the world's folder, whose files are all read for secrets.
        let disk = try TemporaryDirectory(), volume = disk.file("volume")
        try Tool.run("truncate", "--size", "32M", volume).checked()
        try Tool.run(
            ["cryptsetup", "luksFormat", "--batch-mode", "--type", "luks2", "--pbkdf", "pbkdf2"]
                + ["--pbkdf-force-iterations", "1000", volume, "-"], input: Array("passphrase".utf8)
        ).checked()
        try bench.world.run(
            ["systemd-cryptenroll", "--pkcs11-token-uri=\(bench.tokenURI);id=%03", volume],
            environment: ["PASSWORD": "passphrase", "PIN": SimulatedCard.pin]
        ).checked()

        let exported = try Tool.run("cryptsetup", "token", "export", "--token-id", "0", volume).checked()
        let token = try JSONDecoder().decode(Token.self, from: Data(exported.output))
        #expect(token.type == "systemd-pkcs11")
        let left = try home.write(enrolment.head + token.key, to: "left"), found = home.file("found")
        try bench.tool.runLoggedIn(enrolment.deed + ["--id", "03", "--input-file", left, "--output-file", found])
            .checked()
        let passphrase = try Data(home.read("found")).base64EncodedString()
        try Tool.run(
            ["cryptsetup", "open", "--test-passphrase", "--key-slot", token.keyslots[0], "--key-file", "-", volume],
            input: Array(passphrase.utf8)
        ).checked()
    }

    /// It makes and opens volumes beside the world.
    private static let cryptsetup: String? =
        (try? Tool.run("cryptsetup", "--version").succeeded) == true
        ? nil : "no cryptsetup: apt-get install cryptsetup-bin"
}

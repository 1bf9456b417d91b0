import Foundation
import TestSupport
import Testing

/// `martlet trace` and `martlet config`.
@Suite struct TraceTests {
    @Test("What ssh-keygen makes the module say, in words")
    func otherProgram() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: SimulatedCard.fourKeys))
        let module = try BuiltModule.path()
        let untraced = try martlet.world.run("ssh-keygen", "-D", module).checked()
        let log = martlet.world.home.file("card.log")
        var answer: ToolResult?
        let sent = try martlet.world.apduLog {
            answer = try martlet.run("trace", "--output", log, "--", "ssh-keygen", "-D", module).checked()
        }
        #expect(answer?.text == untraced.text)
        let lines = try String(decoding: martlet.world.home.read("card.log"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2 * sent.count)
        #expect(lines.first == "> SELECT OpenPGP  00A4040006D2760001240100")
        #expect(lines.dropFirst().first == "< not found  6A82")
        for expected in ["> SELECT PIV  00A40400", "> GET DATA 5FC105, the certificate of 9A  00CB3FFF", "< done  "] {
            #expect(lines.contains { $0.hasPrefix(expected) }, "\(expected) in \(lines)")
        }
    }

    @Test("The card's attestation of a key has its name, with each application")
    func attestations() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256", "sig=p256"]))
        let program = try PackageRoot.program("martlet")
        for (key, typing, name) in [
            ("9a", [], "> ATTEST 9A  00F99A00"), ("sig", [("PIN of", SimulatedCard.pin)], "> ATTEST 01  80FB0100"),
        ] as [(String, [(awaited: String, line: String)], String)] {
            let log = martlet.world.home.file(key + ".log")
            try martlet.run(
                ["trace", "--output", log, "--", program, "attest", key, "--replace", "--output", "/dev/null"],
                typing: typing
            ).checked()
            let traced = String(decoding: try martlet.world.home.read(key + ".log"), as: UTF8.self)
            #expect(traced.contains(name), "\(traced)")
        }
    }

    @Test("PINs and plaintext are left out, and the verdict on a PIN is shown")
    func secrets() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9d=rsa2048"]))
        let secret = "a secret message"
        let publicKey = try martlet.publicKeyFile("9d"), ciphertext = martlet.world.home.file("ciphertext")
        try martlet.tool(
            "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey, "-out", ciphertext,
            input: Array(secret.utf8))
        let program = try PackageRoot.program("martlet")
        let right = try martlet.run(["trace", "--", program, "decrypt", "9d", ciphertext], pin: SimulatedCard.pin)
        #expect(right.text == secret, "\(right)")
        #expect(right.errorText.contains("> VERIFY 80  00200080 [9 bytes, secret]"), "\(right)")
        #expect(right.errorText.contains("bytes, secret] 9000"), "\(right)")
        let wrong = try martlet.run(["trace", "--", program, "decrypt", "9d", ciphertext], pin: "765432")
        #expect(wrong.ending == .exited(77))
        #expect(wrong.errorText.contains("< wrong, or not given: 2 tries left  63C2"), "\(wrong)")
        for text in ["123456", secret, "765432"].map({ $0.utf8.map { String($0, radix: 16, uppercase: true) }.joined() }
        ) {
            #expect(!right.errorText.contains(text) && !wrong.errorText.contains(text))
        }
    }

    @Test(
        "The program's exit code is passed on",
        arguments: [
            (["true"], 0), (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -TERM $$"], 143),
        ] as [([String], Int32)])
    func exitCode(_ command: [String], _ code: Int32) throws {
        let answer = try Tool.run([PackageRoot.program("martlet"), "trace", "--"] + command)
        #expect(answer.ending == .exited(code), "\(answer)")
        #expect(answer.errorText == "")
    }

    @Test("The lines for other programs name the module; settings in force are shown")
    func configuration() throws {
        func config(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
            try Tool.run(
                [PackageRoot.program("martlet"), "config"] + arguments,
                environment: Tool.cleanEnvironment.merging(environment) { $1 }
            ).checked().text
        }
        let module = try URL(fileURLWithPath: BuiltModule.path()).resolvingSymlinksInPath().path
        #expect(try config("p11-kit", "--module", module) == "module: \(module)\n")
        #expect(try config("ssh", "--module", module) == "Host *\n    PKCS11Provider \(module)\n")
        let all = try config("--all", environment: ["MARTLET_IDENTITY": "opensc"])
        for topic in ["ssh", "ssh-agent", "p11-kit", "pam", "pam-pkcs11", "nss", "openssl", "java", "gnupg"] {
            #expect(all.contains(try config(topic)), "\(topic)")
        }
        #expect(
            all.contains(
                "\n# by MARTLET_IDENTITY, in the environment:\nidentity = opensc\n# each-use is not set\n"), "\(all)")
    }
}

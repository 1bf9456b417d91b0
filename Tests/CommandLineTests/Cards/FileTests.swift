import Foundation
import TestSupport
import Testing

/// What commands write, and what of a secret file they keep in memory.
@Suite struct FileTests {
    private static let martlet = Result { try MartletCommand(SimulatedCard(keys: ["9a=p256", "9d=rsa2048"])) }

    private static func mode(_ file: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    }

    @Test("A file that is there is written over with --force only, and what is no file always")
    func existingFiles() throws {
        let martlet = try Self.martlet.get()
        let file = try martlet.world.home.write("precious", to: "existing.pem")
        let message = try martlet.world.home.write("message", to: "existing message")
        for command in [
            ["certificate", "export", "9a"], ["certificate", "request", "9a", "--subject", "J"],
            ["certificate", "self-sign", "9a", "--subject", "J"], ["sign", "9a", message], ["attest", "9a"],
            ["decrypt", "9d", message],
        ] {
            // Before anybody is asked for a PIN.
            let refused = try martlet.run(command + ["--output", file])
            #expect(refused.ending == .exited(69) && refused.errorText.contains("add --force"), "\(refused)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
        }
        try martlet.run("certificate", "export", "9a", "--output", file, "--force").checked()
        #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        try martlet.run("certificate", "export", "9a", "--output", "/dev/null").checked()
    }

    @Test("A secret is for its owner alone, and follows no link")
    func secretFiles() throws {
        let martlet = try Self.martlet.get()
        let home = martlet.world.home
        let key = try martlet.publicKeyFile("9d")
        let secret = try home.write("a secret", to: "secret")
        let ciphertext = home.file("secret.rsa")
        try martlet.tool("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-in", secret, "-out", ciphertext)
        let (plain, link) = (home.file("plain"), home.file("link"))
        func decrypt(_ file: String, _ arguments: String...) throws -> ToolResult {
            try martlet.run(
                ["decrypt", "9d", ciphertext, "--output", file] + arguments,
                typing: arguments == ["--force"] && file == plain || !FileManager.default.fileExists(atPath: file)
                    ? [("PIN of", SimulatedCard.pin)] : [])
        }
        try decrypt(plain).checked()
        #expect(try Self.mode(plain) == 0o600)
        // One that everybody could read is not left so.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: plain)
        try decrypt(plain, "--force").checked()
        #expect(try Self.mode(plain) == 0o600)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: secret)
        let refused = try decrypt(link, "--force")
        #expect(refused.ending == .exited(69) && refused.errorText.contains("cannot write"), "\(refused)")
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == "a secret")
    }

    /// libcrypto 3.0 leaves one copy behind when it reads a key; ours is the other.
    @Test("Of a private key's file nothing is in memory while the management key is asked for")
    func noCopiesOfAKey() throws {
        let martlet = try Self.martlet.get()
        let file = martlet.world.home.file("imported.pem")
        try martlet.tool("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file)
        let text = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let der = try #require(Data(base64Encoded: text.dropFirst().dropLast().joined()))
        // The middle of the file, and 64 bytes behind the modulus of 256: numbers that nobody else has.
        let needles = [Data(text[text.count / 2].utf8), der[400..<464]].map {
            $0.map { String(format: "%02x", $0) }.joined()
        }
        let program = try PackageRoot.program("martlet")
        let result = try martlet.world.run(
            ["python3", "-c", Self.search, needles[0], needles[1], program, "import", "9c", file], typing: []
        ).checked()
        let counts = result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(counts.count == 2 && counts[0] == 0 && (1...2).contains(counts[1]), "\(result)")
    }

    /// Starts a program, waits until it has switched the terminal's echo off, and counts in its memory what is given in
    /// hexadecimal digits.
    private static let search = """
        import subprocess, sys, termios, time
        needles = [bytes.fromhex(digits) for digits in sys.argv[1:3]]
        child = subprocess.Popen(sys.argv[3:])
        with open("/dev/tty", "rb") as terminal:
            while termios.tcgetattr(terminal)[3] & termios.ECHO:
                assert child.poll() is None, "it ended"
                time.sleep(0.01)
        counts = [0, 0]
        with open(f"/proc/{child.pid}/maps") as maps, open(f"/proc/{child.pid}/mem", "rb", 0) as memory:
            for line in maps:
                fields = line.split()
                if "rw" not in fields[1]: continue
                start, end = (int(digits, 16) for digits in fields[0].split("-"))
                try:
                    memory.seek(start)
                    content = memory.read(end - start)
                except OSError:
                    continue
                counts = [count + content.count(needle) for count, needle in zip(counts, needles)]
        child.terminate()
        child.wait()
        print(*counts)
        """
}

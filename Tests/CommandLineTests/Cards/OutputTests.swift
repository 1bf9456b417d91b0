import Foundation
import TestSupport
import Testing

/// Where what a command makes goes: nothing is lost, and nothing is left that is no result.
@Suite struct OutputTests {
    private static let martlet = Result {
        try MartletCommand(SimulatedCard(keys: ["9a=p256", "9d=rsa2048"]))
    }

    @Test("A signal at a prompt, or while the card works, leaves no file", arguments: ["INT", "TERM", "HUP", "QUIT"])
    func interrupted(_ signal: String) throws {
        let martlet = try Self.martlet.get()
        let made = martlet.world.home.newFile("signature")
        let script = """
            "$0" sign 9a /dev/null --output "$1" & child=$!
            until [ -e "$1" ] && [ "$(stty -a </dev/tty | grep -oE -- '-echo ')" ]; do sleep 0.01; done
            kill -s \(signal) $child; wait $child
            ls "$1" 2>/dev/null
            """
        let answer = try martlet.world.run(["sh", "-c", script, PackageRoot.program("martlet"), made], typing: [])
        #expect(answer.text == "", "\(answer)")
        #expect(!FileManager.default.fileExists(atPath: made))
    }

    @Test("With --force the old file stays until the new one is whole")
    func replaced() throws {
        let martlet = try Self.martlet.get()
        let file = try martlet.world.home.write("old", to: "kept"), link = martlet.world.home.file("link")
        try martlet.tool("chmod", "640", file)
        try martlet.tool("ln", "-s", "kept", link)
        let refused = try martlet.run(["sign", "9a", "/dev/null", "--force", "--output", link], pin: "999999")
        #expect(refused.ending == .exited(77), "\(refused)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "old")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: martlet.world.home.path).allSatisfy {
                !$0.hasPrefix("kept.")
            })
        try martlet.run(["sign", "9a", "/dev/null", "--force", "--output", link], pin: SimulatedCard.pin).checked()
        #expect(try martlet.world.home.read("kept").first == 0x30)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "kept")
    }

    @Test("A full disk, and a file that grows too long, are errors; nothing is left")
    func full() throws {
        let martlet = try Self.martlet.get()
        let home = martlet.world.home
        // The doctor has findings here, and still says first that nobody read them.
        for command in ["list", "doctor"] {
            let line = #""$0" \#(command) >/dev/full"#
            let answer = try martlet.world.run(["sh", "-c", line, PackageRoot.program("martlet")])
            #expect(answer.ending == .exited(69), "\(answer)")
            let error = "martlet: error: cannot write standard output: No space left on device\n"
            #expect(answer.errorText.hasPrefix(error), "\(answer)")
        }
        let device = try martlet.run(["certificate", "export", "9a", "--output", "/dev/full"])
        #expect(device.ending == .exited(69) && device.errorText.contains("cannot write"), "\(device)")
        try martlet.tool("mkdir", home.file("small"))
        try martlet.tool("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", home.file("small"))
        try martlet.tool("dd", "if=/dev/zero", "of=" + home.file("small/filler"), "bs=4k", "count=1", "status=none")
        let small = try martlet.run(["certificate", "export", "9a", "--output", home.file("small/a.pem")])
        #expect(small.ending == .exited(69) && small.errorText.contains("No space left on device"), "\(small)")
        #expect(try martlet.world.run("ls", home.file("small")).text == "filler\n")
        let script = #"ulimit -f 0; "$0" certificate export 9a --output limited.pem"#
        let limited = try martlet.world.run(["bash", "-c", script, PackageRoot.program("martlet")])
        #expect(limited.ending == .exited(69) && limited.errorText.contains("File too large"), "\(limited)")
        #expect(!FileManager.default.fileExists(atPath: home.file("limited.pem")))
    }

    @Test("Raw bytes are not written to a terminal")
    func terminal() throws {
        let martlet = try Self.martlet.get()
        let home = martlet.world.home
        let publicKey = try martlet.publicKeyFile("9d")
        for (name, text) in [("readable", "a message\n"), ("raw", "\u{1B}[2Jgone")] {
            try martlet.tool(
                "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey, "-out", home.file(name),
                input: Array(text.utf8))
        }
        try home.write("123456\n", to: "pin")
        for (arguments, code, expected) in [
            (["sign", "9a", "/dev/null"], 64, "raw bytes are not written to a terminal"),
            (["certificate", "export", "9a", "--format", "der"], 64, "raw bytes are not written to a terminal"),
            (["certificate", "export", "9a"], 0, "-----BEGIN CERTIFICATE-----"),
            (["decrypt", "9d", "readable", "--pin-fd", "3", "3<pin"], 0, "a message"),
            (["decrypt", "9d", "raw", "--pin-fd", "3", "3<pin"], 64, "raw bytes are not written to a terminal"),
        ] as [([String], Int32, String)] {
            // script(1) gives it a terminal for its output, too.
            let line = ([try PackageRoot.program("martlet")] + arguments).joined(separator: " ")
            let answer = try martlet.world.run(
                ["script", "--quiet", "--return", "--command", line, "/dev/null"], typing: []
            )
            let shown = answer.text + answer.errorText
            #expect(answer.ending == .exited(code), "\(arguments): \(answer)")
            #expect(shown.contains(expected), "\(arguments): \(answer)")
            #expect(!shown.contains("\u{1B}[2J"), "\(arguments)")
        }
    }
}

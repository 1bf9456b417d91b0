import Foundation
import TestSupport
import Testing

/// Remedies for pcscd, readers, agents, the module, and programs that hold the card.
extension DoctorRemedyTests {
    @Test("pcscd: not running, not to be reached, not installed")
    func service() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        try replace(
            "/usr/bin/systemctl",
            by: """
                [ "$*" = "enable --now pcscd.socket" ] || exit 1
                setsid pcscd --foreground --config \(home.file("readers.d")) >/dev/null 2>&1 </dev/null &
                for i in $(seq 100); do [ -S /run/pcscd/pcscd.comm ] && exit 0; sleep 0.1; done; exit 1
                """, martlet)
        try martlet.world.stopService()
        if FileManager.default.fileExists(atPath: "/usr/bin/systemctl") { try mend(martlet, "pcscd does not run") }
        try martlet.tool("sh", "-c", "kill $(cat /run/pcscd/pcscd.pid); while [ -S /run/pcscd/pcscd.comm ]; do :; done")
        try martlet.tool("cp", "/usr/sbin/pcscd", home.file("pcscd"))
        try martlet.world.copySystemFolder("/usr/sbin")
        try martlet.tool("rm", "/usr/sbin/pcscd")
        try replace(
            "/usr/bin/apt-get",
            by: #"[ "$*" = "install -y pcscd libccid" ] && cp "\#(home.file("pcscd"))" /usr/sbin/"#, martlet)
        try mend(martlet, "pcscd is not installed")
    }

    @Test("A module that is broken: built here, or from a package")
    func module() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        let good = home.file("good.so")
        try martlet.tool("cp", "--dereference", try PackageRoot.program("libmartlet-pkcs11.so"), good)
        let clone = home.file("clone"), prefix = home.file("usr")
        let built = clone + "/.build/release/", package = prefix + "/lib/\(SystemLibraries.name)/pkcs11/"
        try martlet.tool("mkdir", "-p", built, package, prefix + "/bin", home.file("info"), home.file("bin"))
        for folder in [built, prefix + "/bin/"] {
            try martlet.tool("cp", "--dereference", try PackageRoot.program("martlet"), folder)
        }
        try home.write("", to: "clone/Package.swift")
        try home.write("no library", to: "clone/.build/release/libmartlet-pkcs11.so")
        try home.write("no library", to: "usr/lib/\(SystemLibraries.name)/pkcs11/martlet-pkcs11.so")
        try home.write("\(prefix)/bin/martlet\n", to: "info/martlet.list")
        try home.write("\(package)martlet-pkcs11.so\n", to: "info/martlet-pkcs11:amd64.list")
        try martlet.tool("mkdir", "-p", "/var/lib/dpkg/info")
        try martlet.world.mount(home.file("info"), over: "/var/lib/dpkg/info")
        let swift = try home.write(
            #"#!/bin/bash\#n[ "$*" = "build --package-path \#(clone) -c release --static-swift-stdlib --disable-local-rpath" ]"#
                + " && cp \(good) \(built)libmartlet-pkcs11.so\n", to: "bin/swift")
        try martlet.tool("chmod", "755", swift)
        try replace(
            "/usr/bin/apt-get",
            by: #"[ "$*" = "install -y --reinstall martlet-pkcs11 martlet" ]"#
                + " && cp \(good) \(package)martlet-pkcs11.so", martlet)
        for program in [built + "martlet", prefix + "/bin/martlet"] {
            func page() throws -> [Substring] {
                try martlet.world.run([program, "doctor"]).text.split(separator: "\n")
            }
            let before = try page()
            let index = try #require(before.firstIndex { $0.contains("cannot be loaded") }, "\(before)")
            let line = "PATH=\(home.file("bin")):$PATH; \(before[index + 1])"
            let answer = try martlet.world.run(["bash", "-c", line])
            #expect(answer.ending == .exited(0), "\(line): \(answer)")
            let after = try page()
            #expect(after.contains { $0.hasPrefix("  ✓ the module loads") }, "\(after)")
        }
    }

    @Test("A socket of pcscd's that may not be reached", .enabled(if: getuid() == 0, "it takes another user"))
    func unreachable() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.tool("chmod", "700", "/run/pcscd")
        func doctor() throws -> String {
            try martlet.world.run(
                ["setpriv", "--reuid", "65534", "--clear-groups", PackageRoot.program("martlet"), "doctor"],
                environment: ["MARTLET_LOG": "", "MARTLET_TRACE": ""]
            ).text
        }
        let said = try doctor()
        try #require(
            said.contains("pcscd's socket /run/pcscd/pcscd.comm is there, and you may not reach it"), "\(said)")
        let lines = said.split(separator: "\n")
        let index = try #require(lines.firstIndex { $0.contains("you may not reach it") })
        try martlet.tool("bash", "-c", String(lines[index + 1]))
        #expect(try !doctor().contains("you may not reach it"))
    }

    @Test("Who holds a card is ended")
    func holder() throws {
        let martlet = try DoctorTests.healthy()
        try martlet.world.whileHeld("exclusive") { _ in try mend(martlet, "has the card in") }
    }

    @Test(
        "GnuPG's scdaemon is to share the card, and goes on working at once",
        .enabled(if: Tool.missing("gpg", package: "gnupg") == nil))
    func scdaemon() throws {
        let martlet = try DoctorTests.healthy(SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256", "sig=p256"]))
        try martlet.tool("mkdir", "-m", "700", martlet.world.home.file(".gnupg"))
        try martlet.world.home.write("disable-ccid\n", to: ".gnupg/scdaemon.conf")
        let status = ["gpg", "--no-tty", "--batch", "--card-status"]
        try martlet.world.run(status).checked()
        try mend(martlet, "for itself: scdaemon (")
        try martlet.world.run(status).checked()
        #expect(try !Self.findings(martlet).contains { $0.text.contains("for itself") })
    }

    @Test("A key that wants its PIN each time, in an agent")
    func eachUse() throws {
        let martlet = try DoctorTests.healthy(SimulatedCard(keys: ["9a=p256", "9c=p256"]))
        let module = try BuiltModule.path(), home = martlet.world.home
        let program = try PackageRoot.program("martlet")
        let socket = home.file("agent.sock")
        try martlet.tool("sh", "-c", "ssh-agent -a '\(socket)' -P '/*' >/dev/null")
        let environment = ["SSH_AUTH_SOCK": socket]
        let adding = ["env", "SSH_AUTH_SOCK=" + socket, "ssh-add", "-s", module]
        try martlet.world.run(adding, typing: [("passphrase for PKCS#11", SimulatedCard.pin)]).checked()
        let found = try Self.findings(martlet, ["--module", module], environment: environment)
        let finding = try #require(found.first { $0.text.contains("wants its PIN for each use") }, "\(found)")
        #expect(finding.text.contains("the key 9C of"), "\(finding)")
        // What it says is so; and after the remedy no more. Twice: the second signature is another one.
        let trial = """
            sign_all() {
                ssh-add -L | while read line; do
                    echo "$line" >key.pub; ssh-add -T key.pub 2>/dev/null && ssh-add -T key.pub 2>/dev/null && echo signed
                done
            }
            """
        let before = try martlet.world.run(["bash", "-c", trial + "\nsign_all"], environment: environment)
        #expect(before.text == "signed\n", "\(before)")
        let line = trial + "\n\(finding.remedy ?? "false")\nsign_all; '\(program)' doctor --module '\(module)'"
        let after = try martlet.world.run(
            ["bash", "-c", line], typing: [("passphrase for PKCS#11", SimulatedCard.pin)])
        #expect(after.text.contains("signed\nsigned\n"), "\(after)")
        #expect(!after.text.contains("wants its PIN for each use") && after.text.contains("pcscd answers"), "\(after)")
    }

    @Test("No agent, a dead one, and one that does not allow the module")
    func agent() throws {
        let martlet = try DoctorTests.healthy()
        let module = try BuiltModule.path(), home = martlet.world.home
        let socket = home.file("agent.sock")
        let narrow = try martlet.world.startInBackground(
            ["ssh-agent", "-D", "-a", socket, "-P", "/nonexistent/*"], log: "agent.log")
        try Deadline.wait(for: "the agent") { FileManager.default.fileExists(atPath: socket) }
        // One that is no agent, and one of another make, which names an extension.
        let fake = """
            import socket, struct, sys
            listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen()
            while True:
                peer, _ = listener.accept()
                while request := peer.recv(4096):
                    answers = {11: b"\\x0c" + bytes(4), 27: b"\\x06" + struct.pack(">I", 5) + b"query"}
                    answer = answers.get(request[4], b"\\x05") if sys.argv[2] == "agent" else b"?"
                    peer.send(struct.pack(">I", len(answer)) + answer)
            """
        for (kind, name) in [("agent", "other"), ("mute", "mute")] {
            _ = try martlet.world.startInBackground(
                Python.command(fake) + [home.file(name + ".sock"), kind], log: name + ".log")
            try Deadline.wait(for: kind) { FileManager.default.fileExists(atPath: home.file(name + ".sock")) }
        }
        for (environment, text) in [
            ([:], "no ssh-agent runs here"), (["SSH_AUTH_SOCK": socket], "ssh-agent (\(narrow)) does not allow"),
            (["SSH_AUTH_SOCK": home.file("gone.sock")], "nobody answers at"),
            (["SSH_AUTH_SOCK": home.file("mute.sock")], "does not answer as an ssh-agent does"),
            (
                ["SSH_AUTH_SOCK": home.file("agent.sock"), "SSH_AGENT_PID": "1"], "which is not OpenSSH's agent at"
            ),
            (["SSH_AUTH_SOCK": home.file("other.sock")], "is python3, with the extensions query, not OpenSSH's"),
        ] as [([String: String], String)] {
            let found = try Self.findings(martlet, ["--module", module], environment: environment)
            let finding = try #require(found.first { $0.text.contains(text) }, "\(text) in \(found)")
            let line =
                "\(finding.remedy ?? "false") >/dev/null && '\(try PackageRoot.program("martlet"))' doctor --module '\(module)'"
            let answer = try martlet.world.run(["bash", "-c", line], environment: environment).text
            #expect(answer.contains("✓ ssh-agent allows"), "\(answer)")
        }
    }

    @Test(
        "Drivers, rights to a reader, and pcscd that does not see it", .enabled(if: getuid() == 0, "it takes a device"))
    func readers() throws {
        let martlet = MartletCommand(try CardWorld(readers: [CardReader("Blue Badge")]))
        let home = martlet.world.home
        let devices = home.file("bus/usb/devices"), node = "/dev/bus/usb/001/007"
        try martlet.tool("mkdir", "-p", devices + "/1-2", devices + "/1-2:1.0", home.file("none"))
        for (file, text) in [
            ("1-2:1.0/bInterfaceClass", "0b\n"), ("1-2/product", "Blue Badge\n"), ("1-2/busnum", "1\n"),
            ("1-2/devnum", "7\n"),
        ] { try home.write(text, to: "bus/usb/devices/" + file) }
        for folder in ["/etc", "/dev", "/usr/bin"] { try martlet.world.copySystemFolder(folder) }
        // sudo wants terminals, which the copy of /dev has none of.
        try martlet.tool("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", "/dev/pts")
        try martlet.tool("ln", "-sf", "pts/ptmx", "/dev/ptmx")
        try martlet.world.mount(home.file("bus"), over: "/sys/bus")
        let rules = "/etc/udev/rules.d/70-martlet.rules"
        try martlet.tool("mkdir", "-p", "/etc/udev/rules.d")
        let own = try String(contentsOfFile: PackageRoot.path + "/udev/70-martlet.rules", encoding: .utf8)
        let expected = try #require(own.split(separator: "\n").first { $0.contains(#"TAG+="uaccess""#) })
        try home.write(String(expected), to: "expected.rules")
        let other = "pcscd --foreground --config"
        for (program, script) in [
            ("apt-get", #"[ "$*" = "install libccid -y" ] && mkdir -p /usr/lib/pcsc/drivers/ifd-ccid.bundle"#),
            (
                "udevadm",
                """
                [ "$*" = "control --reload" ] && exec grep -qFf \(home.file("expected.rules")) \(rules)
                [ "$*" = trigger ] && mkdir -p "$(dirname \(node))" && touch \(node)
                """
            ), ("gpgconf", #"[ "$*" = "--kill gpg-agent" ]"#),
            (
                "systemctl",
                """
                [ "$*" = "restart pcscd" ] || exit 1
                [ -e \(node) ] || exit 0
                kill "$(cat /run/pcscd/pcscd.pid)"; while [ -S /run/pcscd/pcscd.comm ]; do sleep 0.01; done
                setsid \(other) \(home.file("readers.d")) >/dev/null 2>&1 </dev/null &
                for i in $(seq 100); do [ -S /run/pcscd/pcscd.comm ] && exit 0; sleep 0.1; done; exit 1
                """
            ),
        ] {
            try martlet.tool("rm", "--force", "/usr/bin/" + program)
            try martlet.world.run(
                ["install", "-m", "755", "/dev/stdin", "/usr/bin/" + program],
                input: Array("#!/bin/bash\n\(script)\n".utf8)
            ).checked()
        }
        // A pcscd that sees no reader.
        try martlet.world.stopService()
        _ = try martlet.world.startInBackground(
            ["pcscd", "--foreground", "--config", home.file("none")], log: "empty.log")
        try Deadline.wait(for: "pcscd") { try martlet.world.run("test", "-S", "/run/pcscd/pcscd.comm").succeeded }
        try mend(martlet, "has no driver for it")
        try mend(martlet, "you have no right to use it (\(node))")
        try mend(martlet, "pcscd does not see it")
        #expect(try Self.findings(martlet).contains { $0.state == "good" && $0.text.contains("reader") })
    }
}

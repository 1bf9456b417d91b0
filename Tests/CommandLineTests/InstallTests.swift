import Foundation
import TestSupport
import Testing

/// `martlet install` and `martlet uninstall`, below a DESTDIR.
@Suite struct InstallTests {
    private static let built = Result { try BuiltProducts.folder() }

    @Test(arguments: [
        (
            "/usr",
            [
                "/usr/lib/\(SystemLibraries.name)/pkcs11/martlet-pkcs11.so", "/usr/bin/martlet",
                "/usr/bin/martlet-card",
                "/usr/share/man/man1/martlet.1",
                "/usr/share/man/man1/martlet-card.1",
                "/usr/share/bash-completion/completions/martlet",
                "/usr/share/zsh/vendor-completions/_martlet",
                "/usr/share/fish/vendor_completions.d/martlet.fish",
                "/usr/share/bash-completion/completions/martlet-card",
                "/usr/share/zsh/vendor-completions/_martlet-card",
                "/usr/share/fish/vendor_completions.d/martlet-card.fish",
                "/usr/lib/udev/rules.d/70-martlet.rules", "/usr/share/p11-kit/modules/martlet.module",
            ]
        ),
        (
            "/usr/local",
            [
                "/usr/local/lib/\(SystemLibraries.name)/pkcs11/martlet-pkcs11.so", "/usr/local/bin/martlet",
                "/usr/local/bin/martlet-card",
                "/usr/local/share/man/man1/martlet.1",
                "/usr/local/share/man/man1/martlet-card.1",
                "/usr/local/share/bash-completion/completions/martlet",
                "/usr/local/share/zsh/site-functions/_martlet",
                "/usr/local/share/fish/vendor_completions.d/martlet.fish",
                "/usr/local/share/bash-completion/completions/martlet-card",
                "/usr/local/share/zsh/site-functions/_martlet-card",
                "/usr/local/share/fish/vendor_completions.d/martlet-card.fish",
                "/usr/local/lib/udev/rules.d/70-martlet.rules",
                "/etc/pkcs11/modules/martlet.module",
            ]
        ),
        (
            "/opt/mine/",
            [
                "/opt/mine/lib/\(SystemLibraries.name)/pkcs11/martlet-pkcs11.so", "/opt/mine/bin/martlet",
                "/opt/mine/bin/martlet-card",
                "/opt/mine/share/man/man1/martlet.1",
                "/opt/mine/share/man/man1/martlet-card.1",
                "/opt/mine/share/bash-completion/completions/martlet",
                "/opt/mine/share/zsh/site-functions/_martlet",
                "/opt/mine/share/fish/vendor_completions.d/martlet.fish",
                "/opt/mine/share/bash-completion/completions/martlet-card",
                "/opt/mine/share/zsh/site-functions/_martlet-card",
                "/opt/mine/share/fish/vendor_completions.d/martlet-card.fish",
                "/etc/udev/rules.d/70-martlet.rules",
                "/etc/pkcs11/modules/martlet.module",
            ]
        ),
    ])
    func filesComeAndGo(_ prefix: String, _ expected: [String]) throws {
        let root = try TemporaryDirectory(prefix: "martlet-install")
        try run(["install", "--prefix", prefix], root).checked()
        #expect(try files(below: root.path) == expected.sorted())
        let module = try #require(expected.first)
        let registration = try String(contentsOfFile: root.path + (expected.last ?? ""), encoding: .utf8)
        #expect(registration.contains("module: \(module)\n"))
        #expect(try mode(root.path + module) == 0o644)
        #expect(try mode(root.path + expected[1]) == 0o755)
        let share = root.path + (prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix) + "/share"
        for (file, start) in [
            ("man/man1/martlet.1", ".TH MARTLET 1 "), ("man/man1/martlet-card.1", ".TH MARTLET\\-CARD 1 "),
            ("fish/vendor_completions.d/martlet.fish", "function "),
        ] {
            let text = try String(contentsOfFile: "\(share)/\(file)", encoding: .utf8)
            #expect(text.hasPrefix(start), "\(file)")
        }
        // A second installation takes the place of the first.
        try run(["install", "--prefix", prefix], root).checked()
        #expect(try files(below: root.path) == expected.sorted())
        try run(["uninstall", "--prefix", prefix], root).checked()
        #expect(try files(below: root.path) == [])
        let again = try run(["uninstall", "--prefix", prefix], root)
        #expect(!again.succeeded)
        #expect(again.errorText.hasPrefix("martlet: error: nothing is installed below"))
    }

    /// What others are to use they can reach, and folders that were there keep the mode that their owner gave them.
    @Test func theUmaskShutsNobodyOut() throws {
        let root = try TemporaryDirectory(prefix: "martlet-install")
        try FileManager.default.createDirectory(
            atPath: root.path + "/usr", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o750])
        let line = #"umask 077 && exec "$0" install --prefix /usr"#
        try Tool.run(
            ["sh", "-c", line, Self.built.get() + "/martlet"],
            environment: Tool.cleanEnvironment.merging(["DESTDIR": root.path]) { $1 }
        ).checked()
        #expect(try mode(root.path + "/usr") == 0o750)
        for folder in ["/usr/lib", "/usr/lib/\(SystemLibraries.name)/pkcs11", "/usr/bin", "/usr/share/p11-kit/modules"]
        {
            #expect(try mode(root.path + folder) == 0o755, "\(folder)")
        }
        #expect(try mode(root.path + "/usr/bin/martlet") == 0o755)
    }

    /// What a package brought is dpkg's to change. In a namespace with an /etc of its own: were nothing refused, nothing of
    /// this machine would be written over.
    @Test(arguments: ["install", "uninstall"])
    func filesOfAPackageAreLeftAlone(_ command: String) throws {
        let root = try TemporaryDirectory(prefix: "martlet-install")
        let module = root.path + "/usr/lib/\(SystemLibraries.name)/pkcs11/martlet-pkcs11.so"
        try FileManager.default.createDirectory(
            atPath: root.file("dpkg/info"), withIntermediateDirectories: true)
        try root.write("/.\n/usr\n\(module)\n", to: "dpkg/info/libmartlet-pkcs11:amd64.list")
        let user = getuid() == 0 ? [] : ["--map-root-user"]
        let answer = try Tool.run(
            ["unshare", "--mount"] + user + [
                "sh", "-c", #"mount -t tmpfs none /etc && exec "$0" "$@""#, Self.built.get() + "/martlet", command,
                "--prefix", root.path + "/usr",
            ], environment: Tool.cleanEnvironment.merging(["DPKG_ADMINDIR": root.path + "/dpkg"]) { $1 })
        #expect(answer.ending == .exited(77))
        #expect(
            answer.errorText == """
                martlet: error: \(module) belongs to the Debian package libmartlet-pkcs11
                martlet: hint: apt-get remove libmartlet-pkcs11

                """)
        #expect(try files(below: root.path + "/usr") == [])
    }

    /// In a namespace with an /etc of its own, where no line reaches this machine's.
    @Test(
        "Beside OpenSC's module it says so, and the line that it offers ends it",
        .enabled(
            if: Tool.missing(file: "/usr/share/p11-kit/modules/opensc-pkcs11.module", package: "opensc-pkcs11") == nil))
    func openSCBeside() throws {
        let root = try TemporaryDirectory(prefix: "martlet-install"), user = getuid() == 0 ? [] : ["--map-root-user"]
        func run(_ script: String) throws -> ToolResult {
            try Tool.run(
                ["unshare", "--mount"] + user + [
                    "sh", "-ec", "mount -t tmpfs none /etc; \"$0\" install --prefix \"$1\" >\"$1/said\"; \(script)",
                    Self.built.get() + "/martlet", root.path,
                ])
        }
        let before = try run("cat \"$1/said\"; p11-kit list-modules").checked().text
        #expect(before.contains("through OpenSC's module") && before.contains("opensc-pkcs11"), "\(before)")
        // Here everybody is root, and nobody has sudo.
        let after = try run("sed -n '/^sudo /s/sudo //gp' \"$1/said\" | sh; p11-kit list-modules").checked().text
        #expect(after.contains("martlet") && !after.contains("opensc-pkcs11.so"), "\(after)")
    }

    @Test(arguments: [
        (["install", "--prefix", "relative"], "martlet: error: the prefix relative is not an absolute path"),
        (["install", "--prefix", "/usr/../etc"], "martlet: error: the prefix /usr/../etc has a .."),
        (["install", "--nonsense"], "martlet: error: "), (["nonsense"], "martlet: error: "),
    ])
    func badInputIsOneErrorAndOneHint(_ arguments: [String], _ error: String) throws {
        let answer = try run(arguments, TemporaryDirectory(prefix: "martlet-install"))
        #expect(answer.ending == .exited(64), "\(answer)")
        let lines = answer.errorText.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix(error) == true)
        #expect(lines.last?.hasPrefix("martlet: hint: ") == true)
    }

    private func run(_ arguments: [String], _ root: TemporaryDirectory) throws -> ToolResult {
        try Tool.run(
            [Self.built.get() + "/martlet"] + arguments,
            environment: Tool.cleanEnvironment.merging(["DESTDIR": root.path]) { $1 })
    }

    private func files(below root: String) throws -> [String] {
        let paths = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        return paths.map { "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + path, isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
}

import CLibrary
import Testing
import TestSupport

/// What the module takes from a person whose program runs as root.
@Suite struct TrustTests {
    /// A folder of a person's, and what they may set to have it used.
    private static let folder = "/etc/person"
    private static let variables: [String: String] = Dictionary(
        uniqueKeysWithValues: [
            "HOME", "XDG_CONFIG_HOME", "MARTLET_LOG", "MARTLET_TRACE", "OPENSSL_CONF", "OPENSSL_MODULES",
            "OPENSSL_ENGINES", "LD_LIBRARY_PATH",
        ].map { ($0, "\(folder)/\($0)") }
    ).merging(["MARTLET_IDENTITY": "opensc", "MARTLET_READERS": "no such reader"]) { $1 }

    /// `pkcs11-tool`, setuid root, with a settings file that names a log: the person gives a wrong PIN. A pcscd of the
    /// person's own, too, is one to stay away from.
    @Test(
        "A setuid program opens nothing of its user's, and heeds the settings of the system's file alone",
        .enabled(if: canMakeSetuidPrograms, "only root can make a setuid program, and not on every file system"))
    func setuidProgram() throws {
        let world = try world()
        try world.writeSystemFile("log = /etc/login.log\n", to: "/etc/martlet.conf")
        try world.run("install", "-m", "4755", "/usr/bin/pkcs11-tool", "/etc/setuid-tool").checked()
        let strace = ["strace", "--user=nobody", "-f", "-e", "trace=%file,%network", "-o", "/etc/calls"]
        let logIn = strace + ["/etc/setuid-tool"] + Self.logIn(pin: "999999")
        let answer = try world.run(logIn, environment: Self.variables)
        #expect(answer.allText.contains("CKR_PIN_INCORRECT"), "\(answer)")
        let calls = try world.readSystemFile("/etc/calls")
        #expect(calls.contains("/run/pcscd/pcscd.comm") && !calls.contains(Self.folder), "\(calls)")
        #expect(try world.readSystemFile("/etc/login.log").contains("the PIN is wrong, 2 tries left\n"))
        #expect(try world.run("stat", "--format=%U %a", "/etc/login.log").text == "root 600\n")

        let ownService = try world.run(logIn, environment: ["PCSCLITE_CSOCK_NAME": Self.folder + "/socket"])
        #expect(ownService.allText.contains("No slots"), "\(ownService)")
        #expect(try !world.readSystemFile("/etc/calls").contains(Self.folder))
    }

    /// The Swift runtime in the module obeys some thirty variables, some of which turn its checks off, and prints what it
    /// makes of them. It does not see them here: neither in a person's program, which `SettingsTests` has, nor in root's.
    @Test(
        "A setuid program's Swift runtime has no settings",
        .enabled(if: canMakeSetuidPrograms, "only root can make a setuid program, and not on every file system"))
    func setuidRuntime() throws {
        let world = try world()
        try world.run("install", "-m", "4755", "/usr/bin/pkcs11-tool", "/etc/setuid-tool").checked()
        let variables = [
            "SWIFT_DEBUG_HELP": "yes", "SWIFT_DEBUG_OF_OURS": "1", "SWIFT_DEBUG_ENABLE_MALLOC_SCRIBBLE": "maybe",
            "SWIFT_BACKTRACE": "enable=yes,color=maybe",
        ]
        let listing = ["--module", try BuiltModule.path(), "-L"]
        for program in [["/etc/setuid-tool"], ["setpriv", "--reuid=nobody", "--clear-groups", "/etc/setuid-tool"]] {
            let answer = try world.run(program + listing, environment: variables)
            #expect(answer.text.contains("Martlet"), "\(answer)")
            #expect(!answer.allText.lowercased().contains("swift"), "\(answer)")
        }
    }

    /// How a file that the environment names as a log came to be, and whether a process of root's adds to it.
    private static let files: [(preparation: String, isWritten: Bool)] = [
        ("touch /etc/log", true), ("echo 'martlet[1]: a line' >/etc/log", true),
        ("echo 'root:*:1::' >/etc/log", false), ("true", false),
        ("touch /etc/passwords; ln -s passwords /etc/log", false), ("touch /etc/other; ln /etc/other /etc/log", false),
        ("touch /etc/log; chown nobody /etc/log", false),
    ]

    @Test("A process of root's adds to no file that the environment names but to a log of its own")
    func processOfRoot() throws {
        let world = try world()
        // Only root can give a file away.
        for (preparation, isWritten) in Self.files where getuid() == 0 || !preparation.contains("chown") {
            try world.run("sh", "-c", "rm -f /etc/log; " + preparation).checked()
            let before = try world.run("cat", "/etc/log")
            // This one spends no try.
            let answer = try world.run(
                ["pkcs11-tool"] + Self.logIn(pin: "12345"),
                environment: ["MARTLET_LOG": "/etc/log", "MARTLET_TRACE": "/etc/log"])
            #expect(answer.allText.contains("CKR_PIN_INCORRECT"), "\(preparation): \(answer)")
            let after = try world.run("cat", "/etc/log")
            #expect((after.text != before.text) == isWritten, "\(preparation)")
            #expect(after.succeeded == (before.succeeded || isWritten), "\(preparation)")
            #expect(after.text.contains("the PIN is too short") == isWritten, "\(preparation)")
        }
    }

    private static var canMakeSetuidPrograms: Bool {
        var system = statvfs()
        return getuid() == 0 && statvfs("/tmp", &system) == 0 && system.f_flag & UInt(ST_NOSUID) == 0
    }

    private static func logIn(pin: String) -> [String] {
        ["--module", "/etc/module.so", "--login", "--pin", pin, "--list-objects"]
    }

    /// A world in which everybody may read the module, and a person has a folder.
    private func world() throws -> CardWorld {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        try world.copySystemFolder("/etc")
        try world.run("install", "-m", "755", BuiltModule.path(), "/etc/module.so").checked()
        try world.run("mkdir", "-m", "777", Self.folder).checked()
        return world
    }
}

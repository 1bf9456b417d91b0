import Glibc
import TestSupport
import Testing

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
        .enabled(if: getuid() == 0, "only root can make a setuid program"))
    func setuidProgram() throws {
        let world = try world()
        try world.writeSystemFile("log = /etc/login.log\n", to: "/etc/martlet.conf")
        try world.run("install", "-m", "4755", "/usr/bin/pkcs11-tool", "/etc/setuid-tool").checked()
        let strace = ["strace", "--user=nobody", "-f", "-e", "trace=%file,%network", "-o", "/etc/calls"]
        let logIn = strace + ["/etc/setuid-tool"] + Self.wrongPIN
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

    /// A file that the environment names as a log, how it came to be, and whether a process of root's adds to it.
    @Test(
        "A process of root's adds to no file that the environment names but to a log of its own",
        arguments: [
            ("touch /etc/log", true), ("echo 'martlet[1]: a line' >/etc/log", true),
            ("echo 'root:*:1::' >/etc/log", false), ("true", false),
            ("touch /etc/passwords; ln -s passwords /etc/log", false),
            ("touch /etc/other; ln /etc/other /etc/log", false),
            ("touch /etc/log; chown nobody /etc/log", false),
        ])
    func processOfRoot(_ preparation: String, _ isWritten: Bool) throws {
        if preparation.contains("chown"), getuid() != 0 { try Test.cancel("only root can give a file away") }
        let world = try world()
        try world.run("sh", "-c", preparation).checked()
        let before = try world.run("cat", "/etc/log")
        let answer = try world.run(
            ["pkcs11-tool"] + Self.wrongPIN, environment: ["MARTLET_LOG": "/etc/log", "MARTLET_TRACE": "/etc/log"])
        #expect(answer.allText.contains("CKR_PIN_INCORRECT"), "\(answer)")
        let after = try world.run("cat", "/etc/log")
        #expect((after.text != before.text) == isWritten && after.succeeded == (before.succeeded || isWritten))
        #expect(after.text.contains("the PIN is wrong") == isWritten)
    }

    private static let wrongPIN = ["--module", "/etc/module.so", "--login", "--pin", "999999", "--list-objects"]

    /// A world in which everybody may read the module, and a person has a folder.
    private func world() throws -> CardWorld {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        try world.copySystemFolder("/etc")
        try world.run("install", "-m", "755", BuiltModule.path(), "/etc/module.so").checked()
        try world.run("mkdir", "-m", "777", Self.folder).checked()
        return world
    }
}

import Foundation
import TestSupport
import Testing

/// What the doctor says of modules, holders, agents and configurations.
@Suite struct DoctorFindingTests {
    private typealias Finding = DoctorTests.Finding

    private func findings(
        _ martlet: MartletCommand, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> [Finding] { try DoctorTests().findings(martlet, arguments, environment: environment) }

    private func expect(_ findings: [Finding], _ state: String, _ text: String, mend remedy: String) {
        DoctorTests().expect(findings, state, text, mend: remedy)
    }

    /// A module in C that says this of itself.
    private func module(_ martlet: MartletCommand, _ name: String, _ defines: String...) throws -> String {
        let home = martlet.world.home
        try home.write(
            """
            #include <string.h>
            #include <stdlib.h>
            #include <unistd.h>
            #include "pkcs11.h"
            static CK_RV initialize(void *arguments) { INITIALIZE return CKR_OK; }
            static CK_RV finalize(void *arguments) { return CKR_OK; }
            static CK_RV info(CK_INFO *info) {
                memset(info, ' ', sizeof *info);
                memcpy(info->manufacturerID, MAKER, strlen(MAKER));
                memcpy(info->libraryDescription, "some library", 12);
                info->libraryVersion.major = MAJOR; info->libraryVersion.minor = MINOR;
                return CKR_OK;
            }
            static CK_RV slots(CK_BBOOL token, CK_SLOT_ID *list, CK_ULONG *count) { *count = 0; return CKR_OK; }
            static CK_FUNCTION_LIST functions = {
                .version = {2, 40}, .C_Initialize = initialize, .C_Finalize = finalize, .C_GetInfo = info,
                .C_GetSlotList = slots };
            CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) { *list = &functions; return CKR_OK; }
            """, to: name + ".c")
        let library = home.file(name + ".so")
        try martlet.world.run(
            ["cc", "-shared", "-fPIC", "-w", "-I", PackageRoot.path + "/include"] + defines.map { "-D" + $0 } + [
                "-o", library, home.file(name + ".c"),
            ]
        ).checked()
        return library
    }

    @Test("The module is loaded in a process of its own: another one, a broken one, an old one")
    func modules() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        let own = try PackageRoot.program("libmartlet-pkcs11.so")
        try martlet.tool("sh", "-c", "head -c 100000 '\(own)' >'\(home.file("cut.so"))'")
        try martlet.tool("cp", own, home.file("same.so"))
        let openSC = SystemLibraries.folder + "/opensc-pkcs11.so"
        for (path, text) in [
            (openSC, "is another module: 'OpenSC smartcard framework' by 'OpenSC Project'"),
            (home.file("cut.so"), "cut.so "), ("/etc/passwd", "/etc/passwd cannot be loaded: "),
            (try PackageRoot.program("martlet"), "cannot be loaded"),
            (
                try module(martlet, "old", "MAKER=\"Martlet\"", "MAJOR=0", "MINOR=0", "INITIALIZE="),
                "has version 0.0, and this program 0."
            ),
            (
                try module(martlet, "other", "MAKER=\"Martlet\"", "MAJOR=0", "MINOR=1", "INITIALIZE="),
                "is of another build"
            ),
            (
                try module(martlet, "crash", "MAKER=\"Martlet\"", "MAJOR=0", "MINOR=1", "INITIALIZE=abort();"),
                "does not answer, or crashes"
            ),
            (
                try module(martlet, "leave", "MAKER=\"Martlet\"", "MAJOR=0", "MINOR=1", "INITIALIZE=_exit(0);"),
                "does not answer, or crashes"
            ),
        ] {
            let found = try findings(martlet, ["--module", path]).filter { $0.text.contains(text) }
            #expect(found.first?.state == "bad", "\(text): \(found)")
            #expect(found.first?.remedy?.isEmpty == false)
        }
        expect(try findings(martlet), "good", "the module loads, version 0.", mend: "")
    }

    @Test("Only what can hold the card is named, and Martlet's users are never to be killed")
    func holders() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        // One that only has the library, and no connection.
        let idle = try martlet.world.startInBackground(
            Python.command("import ctypes,time\nctypes.CDLL('libpcsclite.so.1')\ntime.sleep(600)"), log: "idle.log")
        try martlet.world.whileHeld("exclusive") { _ in
            let found = try #require(try findings(martlet).first { $0.text.contains("for itself") })
            #expect(!found.text.contains("(\(idle))") && !found.text.contains("one of"), "\(found)")
            #expect(found.remedy?.hasPrefix("kill ") == true)
            // A second one that is connected.
            let second = try martlet.world.startInBackground(
                Python.command(
                    """
                    import ctypes, time
                    pcsc, context = ctypes.CDLL('libpcsclite.so.1'), ctypes.c_long()
                    pcsc.SCardEstablishContext(2, None, None, ctypes.byref(context))
                    open('\(home.file("connected"))', 'w')
                    time.sleep(600)
                    """), log: "second.log")
            try Deadline.wait(for: "the second") { FileManager.default.fileExists(atPath: home.file("connected")) }
            let both = try #require(try findings(martlet).first { $0.text.contains("for itself") })
            #expect(both.text.contains("one of ") && both.text.contains("(\(second))"), "\(both)")
            #expect(!both.remedyIsCommand, "\(both)")
            try martlet.world.signal("KILL", to: second)
        }
        try martlet.world.signal("KILL", to: idle)
    }

    @Test("A program that has the module loaded is named, and never to be killed, whatever else it does")
    func martletUser() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        let user = try martlet.world.startInBackground(
            Python.command(
                """
                import ctypes as C, time
                C.CDLL('\(try PackageRoot.program("libmartlet-pkcs11.so"))')
                pcsc, context, card, protocol = C.CDLL('libpcsclite.so.1'), C.c_long(), C.c_long(), C.c_ulong()
                pcsc.SCardEstablishContext(C.c_ulong(2), None, None, C.byref(context))
                pcsc.SCardConnect(
                    context, b'\(martlet.world.readerName())', C.c_ulong(1), C.c_ulong(3), C.byref(card), C.byref(protocol))
                open('\(home.file("held"))', 'w')
                time.sleep(600)
                """), log: "user.log")
        try Deadline.wait(for: "the card") { FileManager.default.fileExists(atPath: home.file("held")) }
        let found = try #require(try findings(martlet).first { $0.text.contains("for itself") })
        #expect(found.text.contains("python3 (\(user))") && !found.remedyIsCommand, "\(found)")
        #expect(found.remedy?.contains("kill") == false, "\(found)")
        try martlet.world.signal("KILL", to: user)
    }

    @Test("The agent at the socket is asked itself", .enabled(if: getuid() == 0, "it takes another user"))
    func agents() throws {
        let martlet = try DoctorTests.healthy()
        let home = martlet.world.home
        // Another user's, whatever other agents run.
        let folder = home.file("theirs")
        try martlet.tool("install", "-d", "-m", "755", "-o", "65534", folder)
        try martlet.tool("chmod", "755", home.path)
        let socket = folder + "/agent.sock"
        _ = try martlet.world.startInBackground(
            ["setpriv", "--reuid", "65534", "--clear-groups", "ssh-agent", "-D", "-a", socket], log: "theirs.log")
        try Deadline.wait(for: "the agent") { FileManager.default.fileExists(atPath: socket) }
        let theirs = try findings(martlet, environment: ["SSH_AUTH_SOCK": socket])
        #expect(
            theirs.contains {
                $0.state == "bad" && ($0.text.contains("another user's") || $0.text.contains("does not answer as"))
            }, "\(theirs)")
        // One that went into the background, whose parent has gone.
        let own = home.file("own.sock")
        try martlet.tool("sh", "-c", "ssh-agent -a '\(own)' -P '/*' >/dev/null")
        expect(try findings(martlet, environment: ["SSH_AUTH_SOCK": own]), "good", "allows the module", mend: "")
        // What is no agent.
        let mute = home.file("mute.sock")
        _ = try martlet.world.startInBackground(
            Python.command(
                "import socket\ns=socket.socket(socket.AF_UNIX)\ns.bind('\(mute)')\ns.listen()\nwhile True:\n c,_=s.accept()\n c.send(b'hello hello')\n"
            ),
            log: "mute.log")
        try Deadline.wait(for: "the socket") { FileManager.default.fileExists(atPath: mute) }
        expect(
            try findings(martlet, environment: ["SSH_AUTH_SOCK": mute]), "bad", "does not answer as an ssh-agent does",
            mend: "ssh-agent -P ")
    }

    @Test("URIs that name what no card here has")
    func uris() throws {
        let martlet = try DoctorTests.healthy(SimulatedCard(keys: ["9a=rsa2048"]))
        let home = martlet.world.home
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(martlet.run("info", "9a", "--json").checked().output))
                as? [String: Any])
        let uri = try #require(object["uri"] as? String)
        try martlet.tool("mkdir", home.file(".ssh"))
        try home.write(
            "# pkcs11:token=comment\nIdentityFile \"\(uri)\"\nIdentityFile pkcs11:token=Old%20name;id=%01;type=private\n",
            to: ".ssh/config")
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.writeSystemFile(
            "disk /dev/sdb none pkcs11-uri=pkcs11:serial=0000;id=%03,noauto\nother /dev/sdc none pkcs11-uri=\(uri)\n",
            to: "/etc/crypttab")
        try martlet.world.writeSystemFile("private_key = pkcs11:object=gone;id=%77\n", to: "/etc/ssl/openssl.cnf")
        let found = try findings(martlet).filter { $0.text.contains("names what no card here has") }
        #expect(
            found.map { String($0.text.prefix { $0 != " " || false }) }.count == 3
                && found.map(\.text).contains { $0.contains(".ssh/config, line 3") }
                && found.map(\.text).contains { $0.contains("/etc/crypttab, line 1") }
                && found.map(\.text).contains { $0.contains("/etc/ssl/openssl.cnf, line 1") }, "\(found)")
        #expect(found.first { $0.text.contains("line 3") }?.remedy?.contains(uri) == true, "\(found)")
    }

    @Test(
        "URIs in the headers of encrypted disks, as cryptsetup writes them",
        .enabled(if: getuid() == 0 && Tool.missing("cryptsetup", package: "cryptsetup-bin") == nil, "it takes a disk"))
    func disks() throws {
        let martlet = try DoctorTests.healthy(SimulatedCard(keys: ["9d=rsa2048"]))
        let home = martlet.world.home
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(martlet.run("info", "9d", "--json").checked().output))
                as? [String: Any])
        let uri = try #require(object["uri"] as? String)
        // A disk that crypttab names, one that is there, and one of an older format.
        try martlet.world.copySystemFolder("/etc")
        try martlet.world.copySystemFolder("/dev")
        let other = "/dev/disk/by-uuid/4711"
        try martlet.tool("mkdir", "-p", "/dev/disk/by-uuid")
        try martlet.world.writeSystemFile(
            "# comment none none\na \(home.file("disk a")) none\nb \(home.file("a.img")) none pkcs11-uri=auto\nc UUID=\"4712\" none\n",
            to: "/etc/crypttab")
        let stale = "pkcs11:token=Old%20card;id=%03;type=private"
        for (file, format, uris) in [
            (home.file("a.img"), "luks2", [stale, uri]), (other, "luks2", ["pkcs11:serial=0815;id=%77"]),
            ("/dev/disk/by-uuid/4712", "luks1", []), (home.file("no disk"), "", []),
        ] as [(String, String, [String])] {
            try martlet.tool("truncate", "--size", "17M", file)
            guard !format.isEmpty else { continue }
            let options = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"]
            try martlet.world.run(
                ["cryptsetup", "luksFormat", "--batch-mode", "--type", format, "--key-file", "-", file]
                    + (format == "luks2" ? options : ["--iter-time", "1"]), input: Array("passphrase".utf8)
            ).checked()
            for uri in uris {
                let token = #"{"type":"systemd-pkcs11","keyslots":[],"pkcs11-uri":"\#(uri)","pkcs11-key":"AA=="}"#
                try martlet.world.run(
                    ["cryptsetup", "token", "import", "--json-file", "-", file], input: Array(token.utf8)
                ).checked()
            }
        }
        let found = try findings(martlet).filter { $0.text.contains("LUKS") }
        #expect(
            found.map(\.text) == [
                "the LUKS header of \(home.file("a.img")) names what no card here has: \(stale)",
                "the LUKS header of \(other) names what no card here has: pkcs11:serial=0815;id=%77",
            ], "\(found)")
        #expect(found.first?.remedy?.contains(uri) == true, "\(found)")
        #expect(found.first?.remedy?.contains("systemd-cryptenroll --wipe-slot=pkcs11") == true, "\(found)")
    }

    @Test("Keys in retired places without a Key History, and a blocked PUK")
    func hiddenKeys() throws {
        let martlet = try DoctorTests.healthy(
            SimulatedCard(keys: ["9a=p256"], arguments: ["--management-key", "3des"]))
        try martlet.tool(
            "yubico-piv-tool", "--action", "generate", "--slot", "82", "--algorithm", "ECCP256", "--output",
            martlet.world.home.file("82.pem"), "--key=" + SimulatedCard.managementKey)
        expect(try findings(martlet), "note", "the keys 82 of PIV", mend: "martlet list --all")
        for _ in 0..<3 {
            _ = try martlet.run(
                ["pin", "unblock"],
                typing: [("PUK of", "00000000"), ("New PIN:", "135790"), ("New PIN again:", "135790")])
        }
        expect(try findings(martlet), "note", " is blocked", mend: "only a reset helps")
    }
}

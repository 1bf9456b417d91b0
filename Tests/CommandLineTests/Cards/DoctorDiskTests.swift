import Foundation
import TestSupport
import Testing

/// What the doctor says of disks that systemd unlocks with a card.
@Suite struct DoctorDiskTests {
    private static let late = "pcscd starts after the disks"

    /// A world whose crypttab and units are these.
    private static func world(crypttab: String, units: [String: String] = [:]) throws -> MartletCommand {
        let martlet = try DoctorTests.healthy()
        try martlet.world.copySystemFolder("/etc")
        try martlet.tool("rm", "-rf", "/etc/systemd/system")
        try martlet.world.writeSystemFile(crypttab + "\n", to: "/etc/crypttab")
        for (file, text) in units {
            let path = "/etc/systemd/system/" + file
            try martlet.tool("mkdir", "-p", URL(fileURLWithPath: path).deletingLastPathComponent().path)
            try martlet.world.writeSystemFile(text, to: path)
        }
        return martlet
    }

    private struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var crypttab = "vault /dev/sdb1 none pkcs11-uri=auto"
        /// Files below /etc/systemd/system.
        var units: [String: String] = [:]
        /// The units that lack something; nil where nothing is said of disks.
        let missing: [String]?

        var testDescription: String { name }
    }

    private static let early = "[Unit]\nDefaultDependencies=no\n"
    private static let wanting = "[Unit]\nWants=a.service pcscd.socket\n"
    private static let all = ["pcscd.socket", "pcscd.service", "systemd-cryptsetup@.service"]
    private static let pcscd = ["pcscd.socket.d/a.conf": early, "pcscd.service.d/a.conf": early]

    private static let cases = [
        Case(name: "no disk", crypttab: "# vault /dev/sdb1 none pkcs11-uri=auto", missing: nil),
        Case(name: "a passphrase", crypttab: "vault /dev/sdb1 none luks,discard", missing: nil),
        Case(name: "no options", crypttab: "vault /dev/sdb1", missing: nil),
        Case(name: "not at the start", crypttab: "vault /dev/sdb1 none noauto,pkcs11-uri=auto", missing: nil),
        Case(name: "in the initramfs", crypttab: "vault /dev/sdb1 none pkcs11-uri=auto,x-initrd.attach", missing: nil),
        Case(name: "of the network", crypttab: "vault /dev/sdb1 none pkcs11-uri=auto,_netdev", missing: nil),
        Case(name: "no drop-in", missing: all),
        Case(
            name: "a URI, and no drop-in", crypttab: "vault\t/dev/sdb1\t-\ttoken-timeout=9,pkcs11-uri=pkcs11:id=%03",
            missing: all),
        Case(name: "pcscd early", units: pcscd, missing: ["systemd-cryptsetup@.service"]),
        Case(
            name: "all", units: pcscd.merging(["systemd-cryptsetup@.service.d/a.conf": wanting]) { $1 }, missing: []),
        Case(
            name: "one for this volume alone, whose name is escaped", crypttab: "my-vault /dev/sdb1 - pkcs11-uri=auto",
            units: pcscd.merging([#"systemd-cryptsetup@my\x2dvault.service.d/a.conf"#: wanting]) { $1 }, missing: []),
        Case(
            name: "one of two volumes", crypttab: "a /dev/sdb1 - pkcs11-uri=auto\nb /dev/sdc1 - pkcs11-uri=auto",
            units: pcscd.merging(["systemd-cryptsetup@a.service.d/a.conf": wanting]) { $1 },
            missing: ["systemd-cryptsetup@.service"]),
        Case(
            name: "whole units, and links",
            units: [
                "pcscd.socket": early, "pcscd.service": "[Unit]\n DefaultDependencies = false \n",
                "systemd-cryptsetup@vault.service.wants/pcscd.socket": "",
            ], missing: []),
        Case(
            name: "a later drop-in takes it back",
            units: ["pcscd.socket.d/a.conf": early, "pcscd.socket.d/b.conf": "[Unit]\nDefaultDependencies=yes\n"],
            missing: all),
        Case(
            name: "a comment, and no .conf",
            units: [
                "pcscd.socket.d/a.conf": "[Unit]\n#DefaultDependencies=no\n", "pcscd.service.d/a": early,
            ], missing: all),
    ]

    @Test("Drop-ins without which a disk waits for a card in vain", arguments: cases)
    private func dropIns(_ given: Case) throws {
        let martlet = try Self.world(crypttab: given.crypttab, units: given.units)
        let found = try DoctorTests().findings(martlet).filter { $0.text.contains("the disks that a card unlocks") }
        guard let missing = given.missing else { return #expect(found.isEmpty, "\(found)") }
        let finding = try #require(found.first, "nothing is said")
        #expect(finding.state == (missing.isEmpty ? "good" : "bad"), "\(finding)")
        #expect(
            missing.isEmpty || finding.text.hasSuffix(" for " + missing.joined(separator: ", ")), "\(finding)")
    }

    /// The remedy writes what the package has as an example.
    @Test(
        "The remedy for missing drop-ins is a line for a shell, and mends it",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/systemctl"), "it takes systemd"))
    func remedy() throws {
        let martlet = try Self.world(crypttab: "vault /dev/sdb1 none pkcs11-uri=auto")
        let remedies = DoctorRemedyTests()
        try remedies.replace("/usr/bin/systemctl", by: #"[ "$*" = daemon-reload ]"#, martlet)
        try remedies.mend(martlet, Self.late)
        for unit in Self.all {
            let example = try String(
                contentsOfFile: "\(PackageRoot.path)/.packaging/examples/systemd/\(unit).d/card.conf", encoding: .utf8)
            let written = try martlet.tool("cat", "/etc/systemd/system/\(unit).d/card.conf").text
            #expect(written == example.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0 + "\n" }.joined())
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Logins by `pam_pkcs11`, whose mapper says whose certificate it is, and `pkcs11_eventmgr`, which comes with it.
@Suite(.unless(missing: Tool.missing("pkcs11_eventmgr", package: "libpam-pkcs11")))
struct PAMPKCS11Tests {
    private static let map = "/etc/pam_pkcs11/subject_mapping"

    @Test(
        "Who is named by the subject's mapper, and has the card and its PIN, is let in",
        .unless(missing: PAMService.missing), arguments: TestedCard.usual)
    func logsIn(_ card: TestedCard) throws {
        let service = try service(card)
        let accepted = try service.logIn()
        #expect(accepted.succeeded, "\(accepted)")
        try service.expectCardWanted(prompt: "Smart card PIN")
        let wrong = Debian.release >= 13 ? "Wrong smart card PIN" : "Wrong smartcard PIN"
        for said in try service.blockPIN() { #expect(said.contains(wrong)) }
        #expect(try service.logIn().wasRefused)
    }

    @Test("Who is named by nobody is not let in", .unless(missing: PAMService.missing), arguments: TestedCard.usual)
    func unknown(_ card: TestedCard) throws {
        let service = try service(card)
        try service.bench.world.writeSystemFile("/CN=Somebody else -> \(PAMService.person)\n", to: Self.map)
        let refused = try service.logIn()
        #expect(refused.wasRefused, "\(refused)")
    }

    @Test(
        "A guest at a terminal becomes the person by su", .enabled(if: getuid() == 0, "only root can become a guest"),
        arguments: TestedCard.usual)
    func becomesPerson(_ card: TestedCard) throws {
        let answer = try service(card).becomePerson()
        #expect(answer.lines.last == PAMService.person, "\(answer)")
        #expect(!answer.errorText.contains(SimulatedCard.pin), "the PIN was echoed")
    }

    @Test("pkcs11_eventmgr acts when the card is pulled out and put back", arguments: TestedCard.usual)
    func eventManager(_ card: TestedCard) throws {
        let world = try CardWorld(card.card), events = world.home.file("events")
        let configuration = try world.home.write(
            """
            pkcs11_eventmgr {
              polling_time = 1;
              pkcs11_module = \(BuiltModule.path());
              event card_remove { action = "/bin/sh -c 'echo locked >>\(events)'"; }
              event card_insert { action = "/bin/sh -c 'echo unlocked >>\(events)'"; }
            }

            """, to: "eventmgr.conf")
        let manager = try world.startInBackground(
            ["pkcs11_eventmgr", "nodaemon", "config_file=" + configuration], log: "eventmgr.log")
        try Deadline.wait(for: "pkcs11_eventmgr to have looked at the card and to sleep") {
            try !world.apduLog().isEmpty && world.run("cat", "/proc/\(manager)/wchan").text.contains("nanosleep")
        }
        var expected = ""
        for (event, act) in [("locked\n", { try world.pullCard() }), ("unlocked\n", { try world.putCardBack() })] {
            try act()
            expected += event
            try Deadline.wait(for: event) { try world.run("cat", events).text == expected }
        }
    }

    /// Lays out `/etc/pam_pkcs11` with the card's certificate for an authority, and its subject for the person.
    private func service(_ card: TestedCard) throws -> PAMService {
        let bench = try Workbench(card), world = bench.world
        let service = try PAMService(bench, module: "pam_pkcs11.so")
        let pem = try bench.certificate(card.authenticationKey).pem(), authorities = "/etc/pam_pkcs11/cacerts"
        try world.run("install", "-D", pem, authorities + "/authority.pem").checked()
        try world.run("openssl", "rehash", authorities).checked()
        let subject = try Tool.run("openssl", "x509", "-in", pem, "-noout", "-subject", "-nameopt", "compat").checked()
            .lines[0].dropFirst("subject=".count)
        try world.writeSystemFile("\(subject) -> \(PAMService.person)\n", to: Self.map)
        try world.writeSystemFile(
            """
            pam_pkcs11 {
              use_pkcs11_module = martlet;
              pkcs11_module martlet {
                module = \(bench.tool.module);
                slot_description = "none";
                ca_dir = \(authorities);
                cert_policy = ca,signature;
              }
              use_mappers = subject;
              mapper subject { module = internal; mapfile = file://\(Self.map); }
            }

            """, to: "/etc/pam_pkcs11/pam_pkcs11.conf")
        return service
    }
}

extension TestedCard {
    /// The key for logins, which wants its PIN once: 9A or AUT.
    fileprivate var authenticationKey: Key {
        get throws { try #require(keys.first { $0.id == (application == "PIV" ? "01" : "03") }) }
    }
}

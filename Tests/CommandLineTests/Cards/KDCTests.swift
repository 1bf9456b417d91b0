import Foundation
import TestSupport
import Testing

/// A KDC of MIT Kerberos lets a person log in with a certificate that a key on a card has signed, by its `--upn` (RFC 4556;
/// Microsoft's name of a user).
@Suite(.enabled(if: Tool.missing("krb5kdc", package: "krb5-kdc krb5-admin-server krb5-pkinit krb5-user") == nil))
struct KDCTests {
    private static let pin = (awaited: "PIN of", line: SimulatedCard.pin)
    private static let managementKey = (awaited: "Management key of", line: SimulatedCard.managementKey)

    /// A card with an issuer's key in 9C, and a certificate for Jane's in 9A; and the KDC's certificate, by the same issuer.
    private func card(_ names: [String]) throws -> MartletCommand {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=rsa2048", "9c=rsa2048"]))
        let home = martlet.world.home
        try martlet.run(
            ["certificate", "self-sign", "9c", "--subject", "Our CA", "--ca"], typing: [Self.pin, Self.managementKey]
        ).checked()
        try martlet.run("certificate", "export", "9c", "--output", "ca.pem").checked()
        try martlet.tool(
            "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", home.file("kdc.key"), "-subj",
            "/CN=kdc", "-out", home.file("kdc.csr"))
        let sign = ["certificate", "sign", "9c", "--key-usage", "digital-signature"]
        try martlet.run(
            sign + [
                "kdc.csr", "--dns", "kdc.example.org", "--extended-key-usage", "server-auth", "--output", "kdc.pem",
            ], typing: [Self.pin]
        ).checked()
        try martlet.run(
            ["certificate", "request", "9a", "--subject", "Jane", "--output", "jane.csr"] + names, typing: [Self.pin]
        ).checked()
        // The request's names come into the certificate.
        try martlet.run(
            sign + [
                "jane.csr", "--extended-key-usage", "client-auth,smartcard-logon,pkinit-client", "--output", "jane.pem",
            ], typing: [Self.pin]
        ).checked()
        try martlet.run(["certificate", "import", "9a", "jane.pem"], typing: [Self.managementKey]).checked()
        return martlet
    }

    /// What Kerberos' programs are told; the KDC is started.
    private func realm(_ martlet: MartletCommand) throws -> [String: String] {
        let home = martlet.world.home
        try home.write(
            """
            [libdefaults]
             default_realm = EXAMPLE.ORG
             dns_lookup_kdc = false
             dns_canonicalize_hostname = false
            [realms]
             EXAMPLE.ORG = {
              kdc = 127.0.0.1:8888
              pkinit_anchors = FILE:\(home.file("ca.pem"))
              pkinit_kdc_hostname = kdc.example.org
              pkinit_eku_checking = kpServerAuth
              pkinit_identities = PKCS11:\(try BuiltModule.path())
              pkinit_cert_match = &&<EKU>msScLogin,clientAuth<KU>digitalSignature
             }

            """, to: "krb5.conf")
        try home.write(
            """
            [kdcdefaults]
             kdc_listen = 127.0.0.1:8888
             kdc_tcp_listen = 127.0.0.1:8888
            [realms]
             EXAMPLE.ORG = {
              database_name = \(home.file("principal"))
              key_stash_file = \(home.file("stash"))
              pkinit_identity = FILE:\(home.file("kdc.pem")),\(home.file("kdc.key"))
              pkinit_anchors = FILE:\(home.file("ca.pem"))
              pkinit_allow_upn = true
              pkinit_eku_checking = scLogin
             }
            [logging]
             kdc = FILE:\(home.file("kdc.log"))

            """, to: "kdc.conf")
        let environment = [
            "KRB5_CONFIG": home.file("krb5.conf"), "KRB5_KDC_PROFILE": home.file("kdc.conf"),
            "KRB5CCNAME": "FILE:" + home.file("tickets"),
        ]
        func run(_ command: String...) throws { try martlet.world.run(command, environment: environment).checked() }
        try run("kdb5_util", "create", "-s", "-r", "EXAMPLE.ORG", "-P", "master password")
        for person in ["jane", "john"] {
            try run("kadmin.local", "-q", "addprinc -nokey +requires_preauth \(person)")
        }
        _ = try martlet.world.startInBackground(["krb5kdc", "-n"], environment: environment, log: "krb5kdc.log")
        try Deadline.wait(for: "the KDC") {
            // The shell that starts it makes the file in its own time.
            (try? String(decoding: home.read("krb5kdc.log"), as: UTF8.self).contains("starting...")) ?? false
        }
        return environment
    }

    /// Asks the KDC for a ticket, as this person. kinit asks for the PIN where its standard output goes.
    private func login(
        _ martlet: MartletCommand, _ person: String, _ environment: [String: String],
        typing: [(awaited: String, line: String)]
    ) throws -> ToolResult {
        let variables = environment.map { "\($0.key)=\($0.value)" }
        return try martlet.world.run(
            ["env"] + variables + ["sh", "-c", "kinit \(person)@EXAMPLE.ORG >/dev/tty </dev/tty"], typing: typing)
    }

    @Test("The name in --upn is the person who logs in, and nobody else")
    func userPrincipalName() throws {
        let martlet = try card(["--upn", "jane@EXAMPLE.ORG"])
        let environment = try realm(martlet)
        let jane = try login(martlet, "jane", environment, typing: [("PIN:", SimulatedCard.pin)])
        #expect(jane.ending == .exited(0), "\(jane)")
        let tickets = try martlet.world.run(["klist"], environment: environment).checked().text
        #expect(tickets.contains("Default principal: jane@EXAMPLE.ORG"), "\(tickets)")
        #expect(tickets.contains("krbtgt/EXAMPLE.ORG@EXAMPLE.ORG"), "\(tickets)")
        let john = try login(martlet, "john", environment, typing: [("PIN:", SimulatedCard.pin)])
        #expect(john.ending != .exited(0), "\(john)")
        #expect(john.errorText.contains("Client name mismatch"), "\(john)")
        #expect(try martlet.pinTries() == 3)
    }

    @Test("A certificate without the name logs nobody in")
    func nobody() throws {
        let martlet = try card(["--email", "jane@example.org"])
        let answer = try login(martlet, "jane", realm(martlet), typing: [("PIN:", SimulatedCard.pin)])
        #expect(answer.ending != .exited(0) && answer.errorText.contains("Client name mismatch"), "\(answer)")
    }

    @Test("The line of martlet config kerberos logs in")
    func configuration() throws {
        let person = try #require(Tool.run("id", "--user", "--name").checked().lines.first)
        let martlet = try card(["--upn", "\(person)@EXAMPLE.ORG"])
        let environment = try realm(martlet)
        let line = try martlet.run("config", "kerberos", "--module", BuiltModule.path()).checked().lines.last ?? ""
        #expect(line.hasPrefix("kinit ") && line.contains("token=") && line.contains("certid=01"), "\(line)")
        // The module's name in krb5.conf is another's.
        try martlet.tool("sed", "-i", "/pkinit_identities/d", martlet.world.home.file("krb5.conf"))
        try martlet.world.run(
            ["kadmin.local", "-q", "addprinc -nokey +requires_preauth \(person)"], environment: environment
        ).checked()
        let answer = try martlet.world.run(
            ["env"] + environment.map { "\($0.key)=\($0.value)" } + ["sh", "-c", line + " >/dev/tty </dev/tty"],
            typing: [("PIN:", SimulatedCard.pin)])
        #expect(answer.ending == .exited(0), "\(answer)")
    }
}

import Foundation
import TestSupport
import Testing

/// Logins by the PAM modules that use a PKCS#11 module.
@Suite(.unless(missing: PAMService.missing))
struct PAMTests {
    /// The file in which a person says which key is theirs, as `pam_p11` knows it.
    enum Authorization: String, CaseIterable {
        case certificate = ".eid/authorized_certificates"
        case sshKey = ".ssh/authorized_keys"
    }

    @Test(
        "pam_p11 lets in who has the card and the PIN",
        .unless(missing: Tool.missing(file: "/lib/x86_64-linux-gnu/security/pam_p11.so", package: "libpam-p11")),
        arguments: TestedCard.usual.prefix(1), Authorization.allCases)
    func pamP11(_ card: TestedCard, _ authorization: Authorization) throws {
        let bench = try Workbench(card), certificate = try bench.certificate(card.authenticationKey)
        let service = try PAMService(bench.world, module: "pam_p11.so \(bench.tool.module)")
        try authorize(certificate, by: authorization, in: bench.world.home)
        let accepted = try service.logIn()
        #expect(accepted.succeeded, "\(accepted)")
        try refuses(service, bench)
    }

    @Test(
        "pam_pkcs11 lets in whom the subject's mapper names",
        .unless(missing: Tool.missing("pkcs11_eventmgr", package: "libpam-pkcs11")), arguments: TestedCard.usual)
    func pamPKCS11(_ card: TestedCard) throws {
        let bench = try Workbench(card), certificate = try bench.certificate(card.authenticationKey)
        let service = try PAMService(bench.world, module: "pam_pkcs11.so")
        let map = try configure(bench, trusting: certificate)
        let unknown = try service.logIn()
        #expect(unknown.wasRefused, "\(unknown)")
        let subject = try Tool.run(
            "openssl", "x509", "-in", certificate.pem(), "-noout", "-subject", "-nameopt", "compat"
        ).checked().text.dropFirst("subject=".count).filter { $0 != "\n" }
        try bench.world.home.write("\(subject) -> \(PAMService.person)\n", to: map)
        let accepted = try service.logIn()
        #expect(accepted.succeeded, "\(accepted)")
        try refuses(service, bench)
    }

    /// A wrong PIN costs one try, and a reader without a card lets nobody in.
    private func refuses(_ service: PAMService, _ bench: Workbench) throws {
        for state in ["user PIN count low", "final user PIN try", "user PIN locked"] {
            #expect(try service.logIn(pin: "999999").wasRefused)
            #expect(try bench.tool.run(["--list-token-slots"]).checked().text.contains(state), "\(state)")
        }
        try service.world.pullCard()
        #expect(try service.logIn().wasRefused)
    }

    private func authorize(
        _ certificate: Certificate, by authorization: Authorization, in home: TemporaryDirectory
    ) throws {
        let text =
            switch authorization {
            case .certificate: try Certificate.text(ofPEM: certificate.pem())
            case .sshKey: try certificate.sshPublicKey() + "\n"
            }
        let folder = URL(fileURLWithPath: home.file(authorization.rawValue)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try home.write(text, to: authorization.rawValue)
    }

    /// Lays out `/etc/pam_pkcs11` with this certificate for an authority.
    /// - Returns: the file of the subject's mapper, which names somebody else, in the world's home.
    private func configure(_ bench: Workbench, trusting certificate: Certificate) throws -> String {
        let home = bench.world.home, folder = "pam_pkcs11", map = folder + "/subject_mapping"
        let authorities = folder + "/cacerts"
        try FileManager.default.createDirectory(
            atPath: home.file(authorities), withIntermediateDirectories: true)
        try home.write(Certificate.text(ofPEM: certificate.pem()), to: authorities + "/authority.pem")
        try Tool.run("openssl", "rehash", home.file(authorities)).checked()
        try home.write("/CN=Somebody else -> \(PAMService.person)\n", to: map)
        try home.write(
            """
            pam_pkcs11 {
              use_pkcs11_module = martlet;
              pkcs11_module martlet {
                module = \(bench.tool.module);
                slot_description = "none";
                ca_dir = /etc/pam_pkcs11/cacerts;
                cert_policy = ca,signature;
              }
              use_mappers = subject;
              mapper subject { module = internal; mapfile = file:///etc/pam_pkcs11/subject_mapping; }
            }

            """, to: folder + "/pam_pkcs11.conf")
        try bench.world.mount(home.file(folder), over: "/etc/pam_pkcs11")
        return map
    }
}

extension TestedCard {
    /// The key for logins, which wants its PIN once: 9A or AUT.
    fileprivate var authenticationKey: Key {
        get throws { try #require(keys.first { $0.id == (application == "PIV" ? "01" : "03") }) }
    }
}

extension ToolResult {
    /// Whether the program came to its end and said no.
    fileprivate var wasRefused: Bool { ending == .exited(1) }
}

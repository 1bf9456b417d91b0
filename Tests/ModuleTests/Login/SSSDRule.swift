import TestSupport

/// A matching rule of SSSD's (sss-certmap(5)), which says whose certificates it takes for a login. `sssctl` asks the same
/// library as the daemon does.
struct SSSDRule {
    let world: CardWorld
    let text: String
    static let missing = Tool.missing("sssctl", package: "sssd-tools")

    /// Lays out a configuration, without which `sssctl` does nothing.
    init(_ world: CardWorld, _ text: String) throws {
        self.world = world
        self.text = text
        for folder in ["/etc", "/var/lib/sss"] { try world.copySystemFolder(folder) }
        try world.run("mkdir", "-p", "/etc/sssd").checked()
        try world.writeSystemFile(
            """
            [sssd]
            domains = tests
            services = nss
            [domain/tests]
            id_provider = ldap
            ldap_uri = ldap://127.0.0.1

            """, to: "/etc/sssd/sssd.conf", mode: "600")
    }

    /// Whether it takes a certificate.
    func matches(_ found: P11Child.Found) throws -> Bool {
        let answer = try world.run("sssctl", "cert-eval-rule", found.certificate, "--match", text)
        if answer.text.contains("Certificate matches rule.") { return true }
        guard answer.text.contains("Certificate does not match rule.") else { throw ToolFailure("\(answer)") }
        return false
    }
}

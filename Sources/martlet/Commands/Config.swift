import ArgumentParser
import Platform
import Wiring

/// Prints what other programs' configurations need, and what is set here.
struct Config: ParsableCommand {
    /// A program that can use the module.
    enum Topic: String, CaseIterable, ExpressibleByArgument {
        case ssh
        case sshAgent = "ssh-agent"
        case p11Kit = "p11-kit"
        case pam
        case pamPKCS11 = "pam-pkcs11"
        case nss
        case openssl
        case java
        case gnupg
        case settings
    }

    static let configuration = CommandConfiguration(
        abstract: "Print the lines that make other programs use the module, and the settings in force.",
        discussion: """
            Without a topic, all of them.

            Examples:
              martlet config
              martlet config ssh >> ~/.ssh/config
              martlet config p11-kit | sudo tee /etc/pkcs11/modules/martlet.module
            """)

    @Argument(help: "\(Topic.allCases.map(\.rawValue).joined(separator: ", ")).")
    var topic: Topic?

    @Option(help: "The PKCS#11 module to name. The default is the one that belongs to this program.")
    var module: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        let module = try Companions.module(named: module)
        if json { return try JSON.show(ConfigReport(module, topic.map { [$0] } ?? Topic.allCases)) }
        if let topic { return print(Self.lines(topic, module).joined(separator: "\n")) }
        for topic in Topic.allCases {
            print("# \(Self.place(topic))")
            print(Self.lines(topic, module).joined(separator: "\n") + "\n")
        }
    }

    /// Where a topic's lines go.
    static func place(_ topic: Topic) -> String {
        switch topic {
        case .ssh: "ssh: ~/.ssh/config"
        case .sshAgent: "ssh-agent: commands"
        case .p11Kit: "p11-kit: /etc/pkcs11/modules/martlet.module"
        case .pam: "PAM (libpam-pkcs11): /usr/share/pam-configs/martlet, then pam-auth-update --enable martlet"
        case .pamPKCS11:
            "PAM (libpam-pkcs11): /etc/pam_pkcs11/pam_pkcs11.conf; digest_mapping beside it names who may log in"
        case .nss: "NSS (Firefox, Chromium): a command"
        case .openssl: "OpenSSL (libengine-pkcs11-openssl): openssl.cnf"
        case .java: "Java: the configuration file of SunPKCS11"
        case .gnupg: "GnuPG beside the module: ~/.gnupg/scdaemon.conf"
        case .settings: "The settings in force, as lines of \(SettingsFile.path)"
        }
    }

    static func lines(_ topic: Topic, _ module: String) -> [String] {
        switch topic {
        case .ssh: SSHAdvice(module: module).configuration
        case .sshAgent:
            ["ssh-agent -P \(SSHAdvice(module: module).word)", "ssh-add -s \(SSHAdvice(module: module).word)"]
        case .p11Kit: ["module: \(module)"]
        case .pam:
            [
                "Name: Card in a reader, by Martlet", "Default: no", "Priority: 512", "Auth-Type: Primary", "Auth:",
                "\t[success=end default=ignore]\tpam_pkcs11.so",
            ]
        case .pamPKCS11:
            [
                "pam_pkcs11 {", "  use_pkcs11_module = martlet;", "  pkcs11_module martlet {",
                "    module = \(module);",
                "    slot_description = \"none\";", "    cert_policy = signature;", "  }", "  use_mappers = digest;",
                "  mapper digest {", "    module = internal;", "    algorithm = \"sha256\";",
                "    mapfile = file:///etc/pam_pkcs11/digest_mapping;", "  }", "}",
            ]
        case .nss: ["modutil -dbdir sql:$HOME/.pki/nssdb -add Martlet -libfile \(SSHAdvice(module: module).word)"]
        case .openssl: ["[pkcs11_section]", "engine_id = pkcs11", "MODULE_PATH = \(module)"]
        case .java: ["name = Martlet", "library = \(module)"]
        case .gnupg: ["disable-ccid", "pcsc-shared"]
        case .settings: settings
        }
    }

    /// The lines of a settings file, and who sets each. Values that do not count are comments.
    private static var settings: [String] {
        let file = SettingsFile.read()
        let lines = SettingReport.all(in: file).map { setting in
            guard let value = setting.value, let origin = setting.origin else { return "# \(setting.name) is not set" }
            guard let problem = setting.problem else { return "# \(origin):\n\(setting.name) = \(value)" }
            return "# error: \(problem)\n# \(origin):\n# \(setting.name) = \(value)"
        }
        return file.complaints.map { "# error: \($0.printable)" } + lines
    }
}

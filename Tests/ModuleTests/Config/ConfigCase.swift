import CLibrary
import TestSupport
import Testing

/// A program of `martlet config`, with the card and the options that its lines are tried with.
struct ConfigCase: Sendable, CustomTestStringConvertible {
    /// As `martlet config` and the script in `Drivers/Config` are called.
    let program: String
    /// The files that must be there, each with its package.
    var needs: [(file: String, package: String)] = []
    var card = Self.piv
    /// The key for which the script looks.
    var key = "9a"
    /// More options of `martlet config`.
    var options: [String] = []
    /// More options of the script's TLS server.
    var server = ""
    /// What the terminal shows before the PIN is typed, once for each time.
    var prompts: [String] = []
    /// Whether its services become other users.
    var needsRoot = false
    /// Whether it is a program of the Python that MARTLET_PYTHON_PKCS11 names, which has python-pkcs11.
    var isPythonPKCS11 = false

    var testDescription: String { ([program] + options + (server.isEmpty ? [] : [server])).joined(separator: " ") }

    /// What is missing for it here, in words.
    var missing: String? {
        if needsRoot, getuid() != 0 { return "\(program) becomes another user, which only root may" }
        if isPythonPKCS11, Self.python == nil { return "MARTLET_PYTHON_PKCS11 names no Python with python-pkcs11" }
        return needs.lazy.compactMap { Tool.missing(file: $0.file, package: $0.package) }.first
    }

    /// What its script is told.
    var variables: [String: String] {
        var variables = ["KEY": key, "SERVER": server]
        if isPythonPKCS11, let python = Self.python {
            variables["PYTHON_FOLDER"] = python.split(separator: "/").dropLast().map { "/" + $0 }.joined()
            // asyncssh is Debian's.
            variables["PYTHONPATH"] = "/usr/lib/python3/dist-packages"
        }
        return variables
    }

    private static let python = Tool.inheritedEnvironment["MARTLET_PYTHON_PKCS11"]

    static let piv = SimulatedCard(keys: SimulatedCard.fourKeys)
    /// A card whose RSA keys make no PSS signatures.
    static let openPGP = SimulatedCard(profile: "openpgp34", keys: ["sig=rsa2048", "dec=rsa2048", "aut=rsa2048"])

    private static let engine = (SystemLibraries.folder + "/engines-3/pkcs11.so", "libengine-pkcs11-openssl")
    private static let enginePIN = "Enter PKCS#11 token PIN for"

    static let all = secureShell + libraries + openSSL + web + networks + signers + languages

    private static let secureShell: [ConfigCase] = [
        ConfigCase(program: "ssh", needs: [("/usr/sbin/sshd", "openssh-server")], prompts: ["Enter PIN for"]),
        ConfigCase(program: "ssh-agent", prompts: ["Enter passphrase for PKCS#11"]),
        ConfigCase(
            program: "ssh-agent", key: "9c", options: ["--key", "9c"], prompts: ["Enter passphrase for PKCS#11"]),
        ConfigCase(program: "git", needs: [("/usr/bin/git", "git")], prompts: ["Enter passphrase for PKCS#11"]),
        ConfigCase(program: "ssh-ca", needs: [("/usr/sbin/sshd", "openssh-server")], prompts: ["Enter PIN for"]),
        ConfigCase(
            program: "ssh-host-ca", needs: [("/usr/sbin/sshd", "openssh-server")], prompts: ["Enter PIN for"],
            needsRoot: true),
    ]

    private static let libraries: [ConfigCase] = [
        ConfigCase(
            program: "p11-kit-server",
            needs: [("/usr/bin/p11-kit", "p11-kit"), ("/usr/bin/pkcs11-tool", "opensc")]),
        ConfigCase(program: "nss", needs: [("/usr/bin/modutil", "libnss3-tools")]),
        ConfigCase(
            program: "gnupg-pkcs11-scd",
            needs: [("/usr/bin/gnupg-pkcs11-scd", "gnupg-pkcs11-scd"), ("/usr/bin/gpgsm", "gpgsm")]),
    ]

    private static let openSSL: [ConfigCase] = [
        ConfigCase(program: "openssl", needs: [engine], key: "9c", prompts: [enginePIN, enginePIN]),
        ConfigCase(program: "openssl-cms", needs: [engine], prompts: [enginePIN]),
        ConfigCase(program: "openssl-ca", needs: [engine], key: "9c", prompts: [enginePIN, enginePIN]),
    ]

    private static let web: [ConfigCase] = [
        ConfigCase(program: "curl", needs: [engine, ("/usr/bin/curl", "curl")], prompts: [enginePIN]),
        ConfigCase(
            program: "curl", needs: [engine, ("/usr/bin/curl", "curl")], card: openPGP, key: "aut", prompts: [enginePIN]
        ),
        ConfigCase(program: "wget", needs: [("/usr/bin/wget", "wget")]),
        ConfigCase(program: "wget", needs: [("/usr/bin/wget", "wget")], card: openPGP, key: "aut"),
        ConfigCase(
            program: "psql", needs: [engine, ("/usr/lib/postgresql/15/bin/postgres", "postgresql-15")],
            prompts: [enginePIN], needsRoot: true),
        ConfigCase(
            program: "psql", needs: [engine, ("/usr/lib/postgresql/15/bin/postgres", "postgresql-15")], card: openPGP,
            key: "aut", prompts: [enginePIN], needsRoot: true),
        ConfigCase(program: "nginx", needs: [engine, ("/usr/sbin/nginx", "nginx-light")], needsRoot: true),
        ConfigCase(program: "apache", needs: [engine, ("/usr/sbin/apache2", "apache2")], needsRoot: true),
        ConfigCase(
            program: "stunnel", needs: [engine, ("/usr/bin/stunnel4", "stunnel4"), ("/usr/bin/curl", "curl")],
            needsRoot: true),
        ConfigCase(
            program: "stunnel", needs: [engine, ("/usr/bin/stunnel4", "stunnel4"), ("/usr/bin/curl", "curl")],
            card: openPGP, key: "aut", needsRoot: true),
    ]

    private static let networks: [ConfigCase] = [
        ConfigCase(
            program: "openvpn", needs: [("/usr/sbin/openvpn", "openvpn")], prompts: ["token Password:"],
            needsRoot: true),
        ConfigCase(
            program: "strongswan",
            needs: [
                ("/usr/bin/pki", "strongswan-pki"), ("/usr/sbin/swanctl", "strongswan-swanctl"),
                ("/usr/lib/ipsec/plugins/libstrongswan-pkcs11.so", "libstrongswan-extra-plugins"),
            ], prompts: ["Smartcard PIN:"], needsRoot: true),
        ConfigCase(
            program: "wpa_supplicant",
            needs: [engine, ("/usr/bin/eapol_test", "eapoltest"), ("/usr/sbin/hostapd", "hostapd")], needsRoot: true),
        ConfigCase(
            program: "systemd-cryptenroll",
            needs: [("/usr/bin/systemd-cryptenroll", "systemd"), ("/usr/sbin/cryptsetup", "cryptsetup-bin")],
            prompts: ["Please enter PIN for security token"], needsRoot: true),
    ]

    private static let signers: [ConfigCase] = [
        ConfigCase(
            program: "osslsigncode", needs: [engine, ("/usr/bin/osslsigncode", "osslsigncode")], prompts: [enginePIN]),
        ConfigCase(
            program: "sbsign", needs: [engine, ("/usr/bin/sbsign", "sbsigntool")],
            prompts: ["Enter engine key pass phrase:"]),
        ConfigCase(
            program: "sign-file",
            needs: [engine, ("/usr/lib/linux-kbuild-6.1/scripts/sign-file", "linux-kbuild-6.1")], prompts: [enginePIN]),
    ]

    private static let jarsigner = ("/usr/bin/jarsigner", "openjdk-17-jdk-headless")

    private static let languages: [ConfigCase] = [
        ConfigCase(program: "java", needs: [jarsigner]),
        ConfigCase(program: "keytool", needs: [jarsigner], prompts: ["Enter keystore password:"]),
        ConfigCase(program: "jarsigner", needs: [jarsigner], prompts: ["Enter Passphrase for keystore:"]),
        ConfigCase(
            program: "apksigner", needs: [jarsigner, ("/usr/bin/apksigner", "apksigner")],
            prompts: ["Keystore password for signer #1:"]),
        ConfigCase(
            program: "pykcs11", needs: [("/usr/lib/python3/dist-packages/PyKCS11/__init__.py", "python3-pykcs11")],
            prompts: ["PIN:"]),
        ConfigCase(program: "python-pkcs11", prompts: ["PIN:"], isPythonPKCS11: true),
        ConfigCase(
            program: "asyncssh",
            needs: [
                ("/usr/lib/python3/dist-packages/asyncssh/__init__.py", "python3-asyncssh"),
                ("/usr/sbin/sshd", "openssh-server"),
            ], prompts: ["PIN:", "PIN:"], isPythonPKCS11: true),
    ]
}

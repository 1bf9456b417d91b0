import HostCrypto
import Token

/// The lines that put a key to use.
struct SetupUses {
    private let card: CardToken
    private let key: KeyName

    init(_ card: CardToken, _ key: KeyName) { (self.card, self.key) = (card, key) }

    func show() throws {
        let content = try card.contents(areAllSought: true).first { $0.name == key }
        guard let content else { return PINPrompt.tell("  There is no key yet.") }
        let uses = Self.uses(of: content)
        guard !uses.isEmpty else {
            return PINPrompt.tell("  The key is there; martlet info \(key.text.lowercased()) tells more.")
        }
        let chosen = try Question.choose(
            "For what?", [("all", "all of these")] + uses.map { ($0, Self.meanings[$0] ?? "") } + [("none", "no lines")]
        )
        let module =
            (try? Companions.module(named: nil)) ?? InstallLayout.examplePath
        for use in uses where chosen == use || chosen == "all" {
            print("\n# \(Self.meanings[use] ?? use)")
            for line in try lines(use, content, module) { print(line) }
        }
    }

    private static let meanings = [
        "ssh": "ssh to servers", "login": "log in to this machine", "git": "sign commits of git",
        "disk": "unlock a disk",
    ]

    private static func uses(of content: KeyReport.Content) -> [String] {
        let isSSH = content.publicKey.flatMap(SSHPublicKey.init) != nil && content.usage.contains(.sign)
        let isRSA = if case .rsa = content.publicKey { true } else { false }
        return (isSSH ? ["ssh"] : []) + (content.usage.contains(.sign) && content.certificate != nil ? ["login"] : [])
            + (isSSH ? ["git"] : [])
            + (isRSA && content.certificate != nil && content.usage.contains(.decrypt) ? ["disk"] : [])
    }

    private func lines(_ use: String, _ content: KeyReport.Content, _ module: String) throws -> [String] {
        let token = try card.information()
        let name = key.text.lowercased() + " --serial \(token.serialNumber.shellWord)"
        switch use {
        case "ssh":
            let ssh = SSHAdvice(module: module).configuration
            return [
                "martlet export-ssh \(name) | ssh SERVER 'cat >> .ssh/authorized_keys'",
                "printf '%s\\n' \(ssh.map(\.shellWord).joined(separator: " ")) >> ~/.ssh/config",
            ]
        case "login":
            return [
                "sudo apt-get install -y libpam-pkcs11",
                "martlet config pam-pkcs11 | sudo tee /etc/pam_pkcs11/pam_pkcs11.conf",
                "martlet certificate export \(name) | openssl x509 -noout -fingerprint -sha256 "
                    + "| sed \"s/.*=//; s/\\$/ -> $USER/\" | sudo tee -a /etc/pam_pkcs11/digest_mapping",
                "martlet config pam | sudo tee /usr/share/pam-configs/martlet",
                "sudo pam-auth-update --enable martlet",
            ]
        case "git":
            let line = content.publicKey.flatMap(SSHPublicKey.init)?.line(comment: "") ?? ""
            return [
                "git config --global gpg.format ssh", "git config --global user.signingKey 'key::\(line)'",
                "git config --global commit.gpgSign true", "ssh-add -s \(module.shellWord)",
            ]
        default:
            let uri = PKCS11URI.text(token, content)
            return [
                "sudo systemd-cryptenroll --pkcs11-token-uri=\(uri.shellWord) DEVICE",
                "echo 'NAME DEVICE none pkcs11-uri=auto' | sudo tee -a /etc/crypttab",
            ]
        }
    }
}

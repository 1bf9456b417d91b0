extension Client {
    /// OpenSSH, and what signs with its programs.
    static let ssh: [Client] = [
        Client(
            name: "ssh", summary: "OpenSSH's client, with every key of the card that a server may know",
            place: .file("~/.ssh/config"),
            pin: "ssh asks for it at the terminal, or SSH_ASKPASS does.", knowsEachUse: true,
            advice: ["The lines for a server's ~/.ssh/authorized_keys: martlet export-ssh"],
            hasComments: false
        ) { SSHAdvice(module: $0.module).configuration },
        Client(
            name: "ssh-agent", summary: "OpenSSH's agent, which asks for the PIN once",
            place: .shell, demand: KeyDemand(purpose: .authentication),
            pin: agentPIN,
            advice: [
                "After the card was out of the reader: ssh-add -e and then ssh-add -s, with the same path.",
                agentAdvice,
            ]
        ) {
            [
                "eval $(ssh-agent -s -P \($0.moduleWord))",
                "ssh-add -s \($0.moduleWord)",
            ]
        },
        Client(
            name: "git", summary: "git, whose commits the key signs by ssh-agent",
            place: .shell, demand: KeyDemand(purpose: .authentication),
            pin: agentPIN,
            advice: [
                "git log --show-signature verifies; whoever else shall needs the line of allowed_signers.", agentAdvice,
            ]
        ) {
            [
                "[ -n \"$SSH_AUTH_SOCK\" ] || eval $(ssh-agent -s -P \($0.moduleWord))",
                "ssh-add -s \($0.moduleWord)",
                "git config --global gpg.format ssh",
                "git config --global user.signingKey 'key::\($0.sshKey)'",
                "git config --global commit.gpgSign true",
                "git config --global tag.gpgSign true",
                "mkdir -p ~/.config/git",
                "echo '* namespaces=\"git\" \($0.sshKey)' >> ~/.config/git/allowed_signers",
                "git config --global gpg.ssh.allowedSignersFile ~/.config/git/allowed_signers",
            ]
        },
        Client(
            name: "ssh-ca", summary: "An ssh authority, whose key on the card signs people's keys",
            place: .shell, demand: KeyDemand(purpose: .signature),
            pin: authorityPIN, knowsEachUse: true,
            advice: [
                "A server believes it by TrustedUserCAKeys in its sshd_config, with the path of a copy of card-ca.pub."
            ]
        ) {
            authorityFile($0) + [
                "[ -e ~/.ssh/id_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519",
                certification($0, of: "\"$(id -un)\"", "~/.ssh/id_ed25519.pub"),
            ]
        },
        Client(
            name: "ssh-host-ca", summary: "The same for the keys of hosts",
            place: .rootShell, demand: KeyDemand(purpose: .signature),
            pin: authorityPIN, knowsEachUse: true,
            advice: [
                "The server shows it by HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub in its sshd_config.",
                "A client believes it by a line of ~/.ssh/known_hosts: @cert-authority * and what is in card-ca.pub.",
            ]
        ) {
            authorityFile($0) + [
                certification($0, "-h ", of: "\"$(uname -n)\"", "/etc/ssh/ssh_host_ed25519_key.pub")
            ]
        },
    ]

    private static let agentPIN = "ssh-add asks for it once, and the agent keeps the login."

    private static let authorityPIN = "ssh-keygen asks for it at the terminal."

    /// The lines that write an authority's public key to the file by which ssh-keygen finds it.
    private static func authorityFile(_ context: ClientContext) -> [String] {
        ["mkdir -p ~/.ssh", "martlet export-ssh \(context.keyName) > ~/.ssh/card-ca.pub"]
    }

    /// The line with which an authority signs a public key.
    private static func certification(
        _ context: ClientContext, _ option: String = "", of name: String, _ publicKey: String
    ) -> String {
        "ssh-keygen -D \(context.moduleWord) -s ~/.ssh/card-ca.pub \(option)-I \(name) -n \(name) -V +52w \(publicKey)"
    }

    private static let agentAdvice =
        "An agent that runs already keeps its own environment; for it, each-use goes into \(SettingReport.file)."
}

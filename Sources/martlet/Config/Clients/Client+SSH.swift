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
            pin: "ssh-add asks for it once, and the agent keeps the login.",
            advice: [
                "After the card was out of the reader: ssh-add -e and then ssh-add -s, with the same path.",
                "An agent that runs already goes on with its own environment: start this one, or set each-use in "
                    + "\(SettingReport.file).",
            ]
        ) {
            [
                "eval $(ssh-agent -s -P \($0.moduleWord))",
                "ssh-add -s \($0.moduleWord)",
            ]
        },
    ]
}

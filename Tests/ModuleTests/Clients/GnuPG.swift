import TestSupport

/// GnuPG 2.2 in a world: gpg, with a gpg-agent and a scdaemon of its own that end with the world. It asks for PINs
/// with a program that reads the answers from files.
struct GnuPG {
    let world: CardWorld
    /// What programs need to find this GnuPG.
    let environment: [String: String]

    /// What the person at the card would type.
    enum Answer: String {
        case pin, admin, reset
        case newPIN = "new-pin"
        case newAdmin = "new-admin"
    }

    /// Sets a home up, with the PINs of a new card.
    ///
    /// - Parameter isShared: whether scdaemon lets other programs use the card, by its option `pcsc-shared`.
    init(_ world: CardWorld, isShared: Bool = false) throws {
        self.world = world
        let home = world.home.file("gnupg")
        environment = ["GNUPGHOME": home, "SSH_AUTH_SOCK": home + "/S.gpg-agent.ssh"]
        try world.run("mkdir", "-m", "700", home).checked()
        let pinentry = try world.home.write(Self.pinentry, to: "pinentry", mode: 0o700)
        // Through PC/SC, not through a reader's USB.
        let options = "disable-ccid\n" + (isShared ? "pcsc-shared\n" : "")
        try world.home.write(options, to: "gnupg/scdaemon.conf")
        try world.home.write("enable-ssh-support\npinentry-program \(pinentry)\n", to: "gnupg/gpg-agent.conf")
        try answer(.pin, "123456")
        try answer(.admin, "12345678")
    }

    /// What is typed from now on.
    func answer(_ question: Answer, _ text: String) throws { try world.home.write(text, to: question.rawValue) }

    /// Runs gpg.
    func run(_ arguments: String...) throws -> ToolResult {
        try world.run(["gpg", "--no-tty", "--batch", "--yes"] + arguments, environment: environment)
    }

    /// Runs `gpg --card-edit` with the administrator's commands, and these lines typed.
    func edit(_ lines: String...) throws -> ToolResult { try interact(["--expert", "--card-edit"], ["admin"] + lines) }

    /// Runs gpg with these lines typed; its questions are in the output as lines of `[GNUPG:]`.
    func interact(_ arguments: [String], _ lines: [String]) throws -> ToolResult {
        let typed = Array((lines + ["quit", ""]).joined(separator: "\n").utf8)
        return try world.run(
            ["gpg", "--no-tty", "--command-fd", "0", "--status-fd", "1"] + arguments, environment: environment,
            input: typed)
    }

    /// What `gpg --card-status` says, without the dots: "PIN retry counter" is "3 0 3".
    func cardStatus() throws -> [String: String] {
        let lines = try run("--card-status").checked().lines
        return Dictionary(
            lines.compactMap { line in
                line.firstMatch(of: /^([^.:]+?) ?\.*: (.*)$/).map { (String($0.output.1), String($0.output.2)) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Lets go of the card, which scdaemon shares with nobody unless it is told to: ends it, and the agent that would call it again.
    func releaseCard() throws {
        try world.run(["gpgconf", "--kill", "gpg-agent"], environment: environment).checked()
        try Deadline.wait(for: "the end of scdaemon") { try !world.run("pgrep", "gpg-agent|scdaemon").succeeded }
    }

    /// The public key of the AUT key, as gpg-agent offers it to ssh.
    func sshPublicKey() throws -> String {
        // The agent listens once somebody has called it.
        try world.run(["gpg-connect-agent", "/bye"], environment: environment).checked()
        return try world.run(["ssh-add", "-L"], environment: environment).checked().text
    }

    /// Answers each question with the file whose name fits it; a repetition is asked for by another process.
    private static let pinentry = #"""
        #!/bin/sh
        echo OK
        while read -r word rest; do
            case $word in
            SETDESC) description=$rest ;;
            GETPIN)
                case $description in
                *Repeat*) read -r answer <"$HOME/asked" ;;
                *New*Admin*) answer=new-admin ;;
                *Reset*) answer=reset ;;
                *New*) answer=new-pin ;;
                *Admin*) answer=admin ;;
                *) answer=pin ;;
                esac
                echo $answer >"$HOME/asked"
                echo "D $(cat "$HOME/$answer")"
                ;;
            esac
            echo OK
            if [ "$word" = BYE ]; then exit; fi
        done
        """#
}

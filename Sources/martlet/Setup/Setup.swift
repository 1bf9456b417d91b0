import ArgumentParser
import Token

/// Leads from a new card to one in use.
struct Setup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a card up in one dialogue, or a pile of cards from a list.",
        discussion: """
            The dialogue asks which key the card is to get, and then for a PIN, a PUK and a management key of your own, has the \
            card make the key, gives it a certificate or makes a request, and prints the lines for what the key is for. Each \
            step says what it will do, and can be left with q; begun again, setup goes on where it stopped.

            With --from it sets up a card for each row of a list, for an administrator. The first line of the list names its \
            columns: name (of the person; needed), serial (which card; else any), key (9a), algorithm (p256), subject \
            (CN=name), certificate (self-sign, request or none), days (365). PIN and PUK are drawn; the management key is \
            drawn too and kept behind the PIN. They are sealed, to a certificate by OpenSSL (CMS) or to a recipient of age, \
            and on disk in the folder of --list, before the card changes. A card that is in use, that is not as the factory \
            left it, or that had its turn is refused. A run that was broken off goes on when it is begun again.

            Examples:
              martlet setup
              martlet setup --key 9c --algorithm rsa2048
              martlet setup --from badges.csv --list sealed --seal-to admin.pem --yes
              openssl cms -decrypt -inform PEM -in sealed/12345678.cms -inkey admin.key
            """)

    @Option(help: .key)
    var key: KeyName?

    @Option(help: "\(KeyAlgorithmName.allCases.map(\.text).joined(separator: ", ")), as the card has them.")
    var algorithm: KeyAlgorithmName?

    @Option(help: "A list of people, with commas (CSV), to set up a card for each.", completion: .file())
    var from: String?

    @Option(help: "With --from: the folder for the sealed PINs and the record. It is made.", completion: .directory)
    var list: String?

    @Option(help: "With --from: to whom the PINs are sealed: a certificate's file, or a recipient of age (age1...).")
    var sealTo: String?

    @Flag(help: "With --from: begin without a question.")
    var yes = false

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    func validate() throws {
        guard let from else {
            guard list == nil, sealTo == nil, !yes else {
                throw ValidationError("--list, --seal-to and --yes are for --from")
            }
            return
        }
        guard list != nil, sealTo != nil else {
            throw ValidationError("--from \(from) needs --list FOLDER and --seal-to CERTIFICATE")
        }
        guard key == nil, algorithm == nil else {
            throw ValidationError("--key and --algorithm are columns of the list")
        }
    }

    func run() throws {
        if let from, let list, let sealTo {
            let rows = try BadgeRow.read(from)
            let sealer = try Sealer(sealTo)
            var run = try BadgeRun(rows, SealedList(list, sealer), selection.selection)
            return try run.run(isAsked: !yes)
        }
        guard Terminal() != nil else {
            throw CommandFailure(
                "setup is a dialogue, and there is no terminal",
                hint: "run it at a terminal, or for a list of cards: martlet setup --from badges.csv", .unavailable)
        }
        do {
            var dialogue = try SetupDialogue(card(), key, algorithm)
            try dialogue.run()
        } catch is Question.Leaving {
            print("Left. What was done stays; martlet setup goes on from there.")
        }
    }

    private func card() throws -> CardToken {
        let named = selection.application ?? key?.application
        let tokens = try selection.selection.tokens().filter { named == nil || $0.application == named }
        guard tokens.count == 2, tokens[0].reader == tokens[1].reader else {
            return try selection.selection.token(named)
        }
        PINPrompt.tell("The card has two applications, with keys and PINs of their own.")
        let chosen = try Question.choose(
            "Which one is to be set up?",
            [
                ("piv", "for ssh, login, certificates, disks: what most programs know"),
                ("openpgp", "for gpg, and for ssh too"),
            ])
        return tokens.first { $0.application.rawValue.lowercased() == chosen } ?? tokens[0]
    }
}

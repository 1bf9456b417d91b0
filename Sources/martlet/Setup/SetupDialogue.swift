import CLibrary
import HostCrypto
import Token

/// The dialogue that sets one card up. It looks at the card before each step, so that what was done is not done again.
struct SetupDialogue {
    var card: CardToken
    var plan: SetupPlan
    /// Those of the secrets that are the maker's; nil where the card does not tell.
    private(set) var factory: [FactorySecret]?
    private var step = 0

    static let steps = 6

    init(_ card: CardToken, _ key: KeyName?, _ algorithm: KeyAlgorithmName?) throws {
        self.card = card
        let usual = KeyName(argument: card.application == .piv ? "9a" : "aut")
        guard let usual else { throw CommandFailure("no key is named", hint: "name one with --key", .usage) }
        plan = SetupPlan(key: key ?? usual, algorithm: algorithm ?? .usual)
        factory = try card.asking("asking for the maker's secrets") { () throws(TokenError) in
            try card.token.factorySecrets()
        }
        PINPrompt.tell("This sets up \(try card.title()). Each step can be left with q.")
        if key == nil { try chooseKey() }
        if algorithm == nil, try content() == .nothing { try chooseAlgorithm() }
    }

    mutating func run() throws {
        try begin("a PIN of your own")
        try setPIN()
        try begin(card.application == .piv ? "a PUK of your own" : "a reset code")
        try setUnblockingCode()
        try begin("\(card.application.administratorSecret) of your own")
        try setAdministratorSecret()
        try begin("the key \(plan.key.text)")
        try makeKey()
        try begin("a certificate for \(plan.key.text)")
        try certify()
        try begin("what the key is for")
        try SetupUses(card, plan.key).show()
        print("\(try card.title()) is set up.")
    }

    private mutating func begin(_ title: String) throws {
        step += 1
        // What is told is one line: a line feed in it is shown as a sign.
        PINPrompt.tell("")
        PINPrompt.tell("Step \(step) of \(Self.steps): \(title)")
    }

    // MARK: Choosing

    private mutating func chooseKey() throws {
        let answers: [(name: String, meaning: String)] =
            switch card.application {
            case .piv:
                [
                    ("9a", "logging in: ssh, the machine, web sites"), ("9c", "signing: the PIN for each signature"),
                    ("9d", "decrypting: disks, mail"), ("9e", "doors: no PIN"),
                ]
            case .openPGP: [("aut", "logging in: ssh"), ("sig", "signing"), ("dec", "decrypting")]
            }
        let chosen = try Question.choose("Which key?", answers)
        if let key = KeyName(argument: chosen) { plan.key = key }
    }

    private mutating func chooseAlgorithm() throws {
        let known = try card.asking("asking for algorithms") { () throws(TokenError) in
            try card.token.keyAlgorithms(at: plan.key.privateKey)
        }
        let meanings = [
            ("p256", "fast, known to all"), ("rsa2048", "for older programs; slow to make"), ("p384", "larger"),
            ("ed25519", "new; not all programs know it"), ("rsa3072", "larger"),
            ("rsa4096", "larger; very slow to make"),
        ]
        let names = known.map(\.word)
        let answers = meanings.filter { names.contains($0.0) }.map { (name: $0.0, meaning: $0.1) }
        guard !answers.isEmpty else { return }
        let chosen = try Question.choose("Which algorithm?", answers)
        plan.algorithm = KeyAlgorithmName(argument: chosen) ?? plan.algorithm
    }

    func content() throws(CommandFailure) -> PlaceContent {
        try card.asking("looking for the key \(plan.key.text)") { () throws(TokenError) in
            try card.token.content(of: plan.key.privateKey)
        }
    }

    // MARK: Secrets

    private mutating func setPIN() throws {
        if let factory, !factory.contains(.pin) { return PINPrompt.tell("  The card has a PIN of its own already.") }
        let isKnown = factory != nil
        PINPrompt.tell(
            isKnown
                ? "  The PIN is still the maker's, which everybody knows. You type a new one, twice."
                : "  A new card has the PIN \(card.application.factoryPIN). You type the PIN of now, and a new one twice."
        )
        let lengths = try card.information().pinLengths
        PINPrompt.tell(
            "  It has \(lengths.lowerBound) to \(lengths.upperBound) characters\(card.application == .piv ? ": digits" : "")."
        )
        guard try Question.isYes("Change the PIN?", usually: isKnown) else { return }
        let old = isKnown ? try TypedPIN(known: card.application.factoryPIN) : try typedPIN()
        let new = try PINPrompt.new("PIN")
        try card.asking("changing the PIN") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in try card.token.changePIN(from: old, to: new) }
            }
        }
        card.pin = new
        PINPrompt.tell("  The PIN is changed.")
    }

    private func typedPIN() throws(CommandFailure) -> TypedPIN {
        guard case .typed(let pin) = try card.askForPIN() else {
            throw CommandFailure(
                "this reader has keys of its own for the PIN", hint: "change it with martlet pin change", .unavailable)
        }
        return pin
    }

    private mutating func setUnblockingCode() throws {
        guard let known = card.application.factoryUnblockingCode else {
            return PINPrompt.tell("  None is needed: the admin PIN unblocks the PIN. martlet pin change-code sets one.")
        }
        if let factory, !factory.contains(.unblockingCode) {
            return PINPrompt.tell("  The card has a PUK of its own already.")
        }
        PINPrompt.tell(
            "  The PUK unblocks the PIN after too many wrong ones. Write it down, and keep it apart from the card.")
        guard try Question.isYes("Change the PUK?", usually: factory != nil) else { return }
        let old = factory != nil ? try TypedPIN(known: known) : try card.askForUnblockingCode()
        let new = try PINPrompt.new("PUK")
        try card.giving("PUK") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in try card.token.changeUnblockingCode(from: old, to: new)
                }
            }
        }
        PINPrompt.tell("  The PUK is changed.")
    }

    private mutating func setAdministratorSecret() throws {
        guard card.application == .piv else { return try setAdminPIN() }
        let known = try TypedPIN(known: card.application.factoryAdministratorSecret)
        guard try isFactoryKey(known) else {
            return PINPrompt.tell("  The card has a management key of its own already.")
        }
        card.administratorSecret = known
        PINPrompt.tell(
            "  The management key lets programs write to the card. It is still the maker's, which everybody knows.")
        let chosen = try Question.choose(
            "Where is a new one to be kept?",
            [
                ("card", "on the card, behind your PIN: nothing to remember"),
                ("file", "in a file of yours, written down"),
                ("leave", "leave the maker's"),
            ])
        guard chosen != "leave" else { return }
        let new = try ManagementKey.randomKey(asLongAs: known)
        if chosen == "card" {
            try ManagementKeyChange.behindPIN(card, from: known, to: new)
        } else {
            let file = try Question.text("File [management-key.txt]:", usual: "management-key.txt")
            try ManagementKeyChange.writtenDown(
                card, from: known, to: new, in: OutputFile(file, isSecret: true, isReplacing: false))
        }
        card.administratorSecret = new
        PINPrompt.tell("  The management key is changed.")
    }

    /// Whether the management key is the maker's: it is tried, which costs nothing.
    private func isFactoryKey(_ known: TypedPIN) throws(CommandFailure) -> Bool {
        if let factory { return factory.contains(.administratorSecret) }
        do throws(TokenError) {
            try known.withBytes { (key) throws(TokenError) in try card.token.loginAdministrator(secret: key) }
            return true
        } catch {
            guard case .pinIncorrect = error else {
                throw CommandFailure(error, ofSecret: "management key", card.application)
            }
            return false
        }
    }

    private mutating func setAdminPIN() throws {
        PINPrompt.tell(
            "  The admin PIN lets programs write to the card. A new card has \(card.application.factoryAdministratorSecret)."
        )
        guard try Question.isYes("Change the admin PIN?") else { return }
        let old = try PINPrompt.require("Admin PIN of \(try card.title()):", what: "admin PIN")
        let new = try PINPrompt.new("admin PIN")
        try card.giving("admin PIN") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in
                    try card.token.changeAdministratorSecret(from: old, to: new)
                }
            }
        }
        card.administratorSecret = new
        PINPrompt.tell("  The admin PIN is changed.")
    }
}

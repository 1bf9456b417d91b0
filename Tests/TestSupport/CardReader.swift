/// A reader of a `CardWorld`, with or without a card in it.
public struct CardReader: Sendable {
    /// The name that pcscd is told. It appends two numbers: see `CardWorld.readerName`.
    public let name: String
    /// What serves the card in this reader; nil for a reader that stays empty.
    public let card: CardProgram?

    /// The name of the reader that programs which look for a YubiKey by its reader's name accept.
    public static let yubiKeyName = "Yubico YubiKey OTP+FIDO+CCID"

    /// A reader with this name and this card.
    public init(_ name: String = yubiKeyName, card: CardProgram? = nil) {
        self.name = name
        self.card = card
    }
}

/// A program that serves a card to one port of vpcd, as long as it runs.
public struct CardProgram: Sendable {
    /// The command that serves the card at 127.0.0.1:`port` and writes its APDUs to the file `log`.
    public let command: @Sendable (_ port: Int, _ log: String) -> [String]

    /// A card that this command serves.
    public init(command: @escaping @Sendable (_ port: Int, _ log: String) -> [String]) {
        self.command = command
    }

    /// A simulated card of this package, with its keys and data in the file `state`.
    /// - Parameters:
    ///   - state: the state file, made by `martlet-card create` or when it is first served.
    ///   - profile: the kind of card, as `martlet-card --help` lists them; nil for what the state file says.
    /// - Throws: `ToolFailure` if `martlet-card` has not been built.
    public static func martletCard(state: String, profile: String? = nil) throws -> CardProgram {
        let program = try PackageRoot.program("martlet-card")
        return CardProgram { port, log in
            [program, "serve", "--port", String(port), "--state", state, "--log", log]
                + (profile.map { ["--profile", $0] } ?? [])
        }
    }
}

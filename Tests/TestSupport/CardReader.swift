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
}

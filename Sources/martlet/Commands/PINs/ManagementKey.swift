import ArgumentParser
import HostCrypto
import Platform
import Token

/// The administrator's secret.
struct ManagementKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "management-key",
        abstract: "Change the management key of PIV, or the admin PIN of OpenPGP.",
        discussion: """
            A management key is 32, 48 or 64 hexadecimal digits, as long as the card's cipher wants it. That of a new card \
            is 010203040506070801020304050607080102030405060708. With --random one as long as that of now is made here, and \
            written down before the card gets it: keep it.

            Examples:
              martlet management-key
              martlet management-key --random --output management-key.txt
              martlet management-key --application openpgp
            """)

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    @Flag(help: "Make a random management key, and write it down.")
    var random = false

    @OptionGroup var file: ResultFile

    func validate() throws {
        guard random || file.output == nil else { throw ValidationError("--output is for --random") }
    }

    func run() throws {
        let card = try selection.token()
        let name = card.application.administratorSecret
        guard !random || card.application == .piv else {
            throw CommandFailure("an admin PIN is chosen by a person", hint: "leave --random out", .usage)
        }
        let old = try PINPrompt.require("\(name.capitalizedFirst) of \(try card.title()):", what: name)
        if card.application == .piv { try old.checkIsManagementKey() }
        let new = random ? try Self.randomKey(asLongAs: old) : try PINPrompt.new(name)
        if card.application == .piv { try new.checkIsManagementKey() }
        let written = random ? try file.open(isSecret: true) : nil
        let notice = TouchNotice(try card.administratorTouchPolicy())
        defer { notice.end() }
        if let written {
            try ManagementKeyChange.writtenDown(card, from: old, to: new, in: written)
        } else {
            try ManagementKeyChange.changed(card, from: old, to: new)
        }
        if !random || file.output != nil { print("The \(name) is changed.") }
    }

    /// One of the length of the key of now, so that the card keeps its cipher.
    static func randomKey(asLongAs old: TypedPIN) throws(CommandFailure) -> TypedPIN {
        let count = old.withBytes { $0.byteCount }
        var bytes = try computing { () throws(HostCryptoError) in try Random.bytes(count / 2) }
        defer { bytes.wipe() }
        let alphabet = Array("0123456789ABCDEF".utf8)
        var digits = [UInt8]()
        digits.reserveCapacity(count)
        defer { digits.wipe() }
        for byte in bytes { digits += [alphabet[Int(byte >> 4)], alphabet[Int(byte & 0x0F)]] }
        return try TypedPIN(digits.span.bytes)
    }
}

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
            is 010203040506070801020304050607080102030405060708. With --random it is made here, and printed before the card gets \
            it: keep it.

            Examples:
              martlet management-key
              martlet management-key --random > management-key.txt
              martlet management-key --application openpgp
            """)

    @OptionGroup var selection: ApplicationSelection

    @Flag(help: "Make a random management key of 24 bytes, and print it.")
    var random = false

    func run() throws {
        let card = try selection.token()
        let name = card.application.administratorSecret
        guard !random || card.application == .piv else {
            throw CommandFailure("an admin PIN is chosen by a person", hint: "leave --random out", .usage)
        }
        let old = try PINPrompt.require("\(name.capitalizedFirst) of \(try card.title()):", what: name)
        let new = random ? try Self.randomKey() : try PINPrompt.new(name)
        // Before the card has it: one that could not be written down would be lost.
        if random { try new.withBytes { (new) throws(CommandFailure) in try Self.show(new) } }
        try card.giving(name) { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in
                    try card.token.changeAdministratorSecret(from: old, to: new)
                }
            }
        }
        if !random { print("The \(name) is changed.") }
    }

    private static func show(_ key: RawSpan) throws(CommandFailure) {
        var line = [UInt8](key) + Array("\n".utf8)
        defer { line.wipe() }
        try OutputFile(nil).write(line)
    }

    private static func randomKey() throws(CommandFailure) -> TypedPIN {
        var digits = Array(try computing { () throws(HostCryptoError) in try Random.bytes(24) }.hexadecimal.utf8)
        defer { digits.wipe() }
        return try TypedPIN(digits.span.bytes)
    }
}

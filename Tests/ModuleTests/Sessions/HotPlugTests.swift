import TestSupport
import Testing

/// Readers and cards that come and go.
@Suite struct HotPlugTests {
    /// A slot is the reader's, whatever is in it; a token is the card's, whichever reader it is in.
    @Test func aCardGoesFromOneReaderToAnother() throws {
        let card = SimulatedCard(keys: ["9a=p256"])
        // Both readers get a copy of the one card, and it is never in both at once.
        let world = try CardWorld(readers: [
            CardReader("First", card: card.program()), CardReader("Second", card: card.program()),
        ])
        try world.pullCard(fromReader: 1)
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let first = try process.first("A1 slots present"), token = try look(process, first)
        try world.pullCard(fromReader: 0)
        try world.putCardBack(intoReader: 1)
        let second = try process.first("A1 slots present")
        #expect(second != first)
        #expect(try look(process, second) == token)
        try process("A1 name \(first)", "CKR_TOKEN_NOT_PRESENT")
        try world.pullCard(fromReader: 1)
        try world.putCardBack(intoReader: 0)
        #expect(try process("A1 slots present") == [first])
        #expect(try look(process, first) == token)
    }

    /// What a `pkcs11:` URI can name: the token's serial number and label, and what a program can keep of a key.
    private func look(_ process: CryptokiProcess, _ slot: String) throws -> [String] {
        let name = try process("A1 name \(slot)"), session = try process.first("A1 open \(slot) ro")
        let key = try process.first("A1 find \(session) class=public")
        return try name + [
            process.first("A1 get \(session) \(key) unique-id"), process.first("A1 get \(session) \(key) label"),
            process.first("A1 get \(session) \(key) id"),
        ]
    }
}

import HostCrypto
import ISO7816
import OpenPGP
import Testing
import Token

/// The AES key (OpenPGP card 3.4.1, sections 7.2.11 and 7.2.12), and GET CHALLENGE (section 7.2.15).
@Suite struct SymmetricKeyTests {
    private let card = ScriptedCard()
    private static let key = ObjectReference(.secretKey, 0xD5)
    private let secret = [UInt8](0..<32)
    private let zeros = [UInt8](repeating: 0, count: 16)

    /// A token whose capabilities tell of AES, with a login.
    private func loggedIn() throws -> OpenPGPToken {
        let related = RelatedData(capabilities: "7E00 0800 0800 00FF 00 00")
        let token = try card.token(related)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        return token
    }

    /// The card's side: CBC from a block of zeros, in each command.
    private func encipher(_ blocks: [UInt8]) throws -> Step {
        let answer = try BlockCipher.aes256.encrypt(blocks, key: secret, mode: .cbc(iv: zeros))
        return .encipher(blocks, "02" + hex(answer) + "9000")
    }

    private func decipher(_ blocks: [UInt8]) throws -> Step {
        let answer = try BlockCipher.aes256.decrypt(blocks, key: secret, mode: .cbc(iv: zeros))
        return .decipher([0x02] + blocks, hex(answer) + "9000")
    }

    private func added(_ block: some Sequence<UInt8>, to blocks: some Sequence<UInt8>) -> [UInt8] {
        let blocks = Array(blocks)
        return zip(blocks, block).map { $0 ^ $1 } + blocks.dropFirst(16)
    }

    /// Any initialization vector, and a message that takes two commands: what comes out is what libcrypto makes of it.
    @Test func theChainIsTheSpecifications() throws {
        let token = try loggedIn()
        let message = (0..<528).map { UInt8(truncatingIfNeeded: $0) }, iv = [UInt8](1...16)
        let expected = try BlockCipher.aes256.encrypt(message, key: secret, mode: .cbc(iv: iv))
        try card.expect(
            encipher(added(iv, to: message.prefix(512))),
            encipher(added(expected[496..<512], to: message.suffix(16))))
        #expect(try token.cipher(message, iv: iv, with: Self.key, isEncrypting: true) == expected)
        try card.expect(decipher(Array(expected.prefix(512))), decipher(Array(expected.suffix(16))))
        #expect(try token.cipher(expected, iv: iv, with: Self.key, isEncrypting: false) == message)
        #expect(card.left.isEmpty)
    }

    @Test(arguments: [(0, 16), (15, 16), (16, 15), (33, 16)])
    func inputOfAWrongBlockLengthIsNotSent(_ count: Int, _ vector: Int) throws {
        let token = try loggedIn()
        let (blocks, iv) = ([UInt8](repeating: 1, count: count), [UInt8](repeating: 1, count: vector))
        #expect(throws: TokenError.dataInvalid) {
            try token.cipher(blocks, iv: iv, with: Self.key, isEncrypting: true)
        }
    }

    /// Whether there is a key the card tells by using it; that there is one is known from then on, that there is none for
    /// some seconds.
    @Test(arguments: ["6A88", "6985", "6A80", "9000"])
    func theKeyIsLookedForOnce(_ status: String) throws {
        let token = try loggedIn()
        #expect(token.catalogue.contains { $0.reference == Self.key && $0.isPrivate && $0.label == "AES key" })
        let isThere = status == "9000"
        let probe = try isThere ? encipher(zeros) : Step.encipher(zeros, status)
        card.expect(probe)
        // The refusal of another application would not be believed.
        if !isThere { card.expect(.related(RelatedData(capabilities: "7E00 0800 0800 00FF 00 00"))) }
        for _ in 0..<2 {
            #expect(try token.present(among: [Self.key], areNamed: false) == (isThere ? [Self.key] : []))
        }
        card.wait(seconds: 10)
        if !isThere { card.expect(probe, .related(RelatedData(capabilities: "7E00 0800 0800 00FF 00 00"))) }
        _ = try token.present(among: [Self.key], areNamed: false)
        #expect(card.left.isEmpty)
    }

    /// A key that is gone has gone as an object.
    @Test func aKeyThatIsGoneIsNoMore() throws {
        let token = try loggedIn()
        card.expect(try encipher(zeros))
        _ = try token.present(among: [Self.key], areNamed: false)
        let gone = Step.encipher(zeros, "6A88"), related = RelatedData(capabilities: "7E00 0800 0800 00FF 00 00")
        card.expect(gone, .related(related), gone)
        #expect(throws: TokenError.objectNotFound) {
            try token.cipher(zeros, iv: zeros, with: Self.key, isEncrypting: true)
        }
        #expect(token.revision(of: Self.key) == 1)
        #expect(try token.present(among: [Self.key], areNamed: false) == [])
        #expect(card.left.isEmpty)
    }

    @Test func withoutTheCapabilityThereIsNone() throws {
        let token = try card.token()
        #expect(!token.catalogue.contains { $0.reference.kind == .secretKey })
        #expect(throws: TokenError.objectNotFound) {
            try token.cipher(zeros, iv: zeros, with: Self.key, isEncrypting: true)
        }
        #expect(card.left.isEmpty)
    }

    /// An answer of another length, or one that is not AES, is no ciphertext.
    @Test(arguments: ["02 0011", "00" + String(repeating: "11", count: 16), ""])
    func aWrongAnswerIsRefused(_ answer: String) throws {
        let token = try loggedIn()
        let wrong = Step.encipher(zeros, answer + "9000")
        card.expect(wrong, .related(RelatedData(capabilities: "7E00 0800 0800 00FF 00 00")), wrong)
        #expect(throws: TokenError.self) {
            try token.cipher(zeros, iv: zeros, with: Self.key, isEncrypting: true)
        }
        #expect(card.left.isEmpty)
    }

    /// Bit 7 of the first byte, and in the third and fourth how many bytes there are at once.
    @Test(
        arguments: [
            ("7C00 0800 0800 00FF 00 00", 32), ("7C00 0010 0800 00FF 00 00", 16), ("3C00 0800 0800 00FF 00 00", 0),
            ("7C00 0000 0800 00FF 00 00", 0),
        ])
    func randomBytes(_ capabilities: String, _ count: Int) throws {
        let token = try card.token(RelatedData(capabilities: capabilities))
        let answer = [UInt8](repeating: 0x5A, count: count)
        if count > 0 { card.expect(Step("00840000" + hex([UInt8(count)]), hex(answer) + "9000")) }
        #expect(try token.randomBytes(atMost: 32) == answer)
        #expect(card.left.isEmpty)
    }

    /// Random bytes are worth no wait, and no login of another application of the card.
    @Test func randomBytesDisturbNobody() throws {
        let token = try card.token()
        let shared = try #require(card.shared)
        let during = try shared.transaction { _ in try? token.randomBytes(atMost: 32) }
        #expect(during == [])
        card.isFree = false
        #expect(try token.randomBytes(atMost: 32).isEmpty)
        card.isFree = true
        card.continuity = .reset
        #expect(try token.randomBytes(atMost: 32).isEmpty)
        card.expect(Step("00A40400 05 A000000308 00", "9000"))
        _ = try shared.transaction { exchange in
            try? exchange.select([0xA0, 0x00, 0x00, 0x03, 0x08])
        }
        #expect(try token.randomBytes(atMost: 32).isEmpty)
        #expect(card.left.isEmpty)
    }
}

import CardApplication
import ISO7816
import OpenPGP
import Testing

/// The commands that the token does not send, or seldom: their bytes, and what is made of the answer.
@Suite struct CommandTests {
    private let channel = ScriptedCard()

    private func run<R>(_ steps: Step..., body: (OpenPGPCard) throws(CardError) -> R) throws -> R {
        channel.expect(steps)
        let result = try Card(channel: channel).commandTransaction { (exchange) throws(CardError) in
            try body(OpenPGPCard(exchange))
        }
        #expect(channel.left.isEmpty)
        return result
    }

    @Test func getChallenge() throws {
        let step = Step("0084000004", "01020304 9000")
        #expect(try run(step) { (card) throws(CardError) in try card.getChallenge(count: 4) } == [1, 2, 3, 4])
        #expect(throws: CardError.self) {
            _ = try run(Step("0084000004", "0102 9000")) { (card) throws(CardError) in try card.getChallenge(count: 4) }
        }
    }

    @Test func aesBothWays() throws {
        let block = [UInt8](repeating: 0xAA, count: 16)
        let there = Step("002A8680 000010 \(hex(block)) 0800", "02" + String(repeating: "BB", count: 16) + "9000")
        let cipher = [UInt8](repeating: 0xBB, count: 16)
        #expect(try run(there) { (card) throws(CardError) in try card.encipherAES(block) } == cipher)
        let back = Step.decipher([0x02] + cipher, hex(block) + "9000")
        #expect(try run(back) { (card) throws(CardError) in try card.decipherAES(cipher) } == block)
        #expect(throws: CardError.self) {
            _ = try run(Step(there.command, "03BB9000")) { (card) throws(CardError) in try card.encipherAES(block) }
        }
    }

    @Test(arguments: [("9000", true), ("63C3", false), ("63C0", false), ("6983", false), ("6982", false)])
    func theStatusOfAPassword(_ status: String, _ isVerified: Bool) throws {
        let step = Step("00200081", status)
        #expect(try run(step) { (card) throws(CardError) in try card.isVerified(.signature) } == isVerified)
    }

    /// Objects with their own tag and without, empty, and not there.
    @Test(
        arguments: [
            ("005E", "616263 9000", "616263"), ("005E", "9000", nil), ("005E", "6A88", nil), ("5F50", "41 9000", "41"),
            ("0065", "6503 5B0141 9000", "5B0141"), ("0065", "5B0141 9000", "5B0141"), ("0065", "6500 9000", nil),
            ("007A", "7A05 9303000001 9000", "9303000001"), ("00FA", "C100 9000", "C100"),
            // A tag of its own, and a byte that is left over; one that says that it is longer than the answer.
            ("0065", "6503 5B0141 00 9000", "5B0141"), ("00FA", "FA05 C10101 9000", "C10101"),
            ("7F66", "7F66 02 0100 9000", "0100"),
        ] as [(String, String, String?)])
    func getData(_ tag: String, _ answer: String, _ expected: String?) throws {
        let object = DataObject(rawValue: UInt32(tag, radix: 16) ?? 0)
        let value = try run(.get(tag, answer)) { (card) throws(CardError) in try card.getData(object) }
        #expect(value == expected.map { bytes($0) })
    }

    @Test func errorsNameTheCommand() throws {
        #expect(throws: CardError.answered(.getData, .wrongParameters)) {
            _ = try run(.get("005E", "6B00")) { (card) throws(CardError) in try card.getData(.loginData) }
        }
        #expect(throws: CardError.answered(.decipher, .incorrectData)) {
            _ = try run(.decipher([0, 1], "6A80")) { (card) throws(CardError) in try card.decipherRSA([1]) }
        }
    }
}

import HostCrypto
import ISO7816
import Platform
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// What real cards are known to answer takes neither the token, nor a key, nor a try of a password away.
@Suite("OpenPGP cards as they are") struct RealCardTests {
    private let time = TestTime()

    private func open(_ card: BentOpenPGPCard) throws -> OpenPGPToken {
        let time = time
        return try #require(try OpenPGPToken.open(Card(channel: card)) { time.milliseconds })
    }

    private func login(_ token: OpenPGPToken) throws(TokenError) {
        let pin = Array("123456".utf8)
        try token.login(pin: pin.span.bytes)
    }

    private let keys = [1, 3].map { ObjectReference(.privateKey, $0) }

    /// Cardholder data, KDF, algorithm information, private data objects, certificates and SELECT DATA.
    static let optional: [(UInt8, UInt16)] = [
        (0xCA, 0x65), (0xCA, 0x5E), (0xCA, 0xC4), (0xCA, 0xF9), (0xCA, 0xFA), (0xCA, 0x0101), (0xCA, 0x7F21),
        (0xCA, 0x7A), (0xA5, 0x0004), (0xF1, 0),
    ]
    static let refusals: [UInt16] = [
        0x6A80, 0x6985, 0x6982, 0x6D00, 0x6F00, 0x6400, 0x6700, 0x6B00, 0x6A86, 0x6A81, 0x6A87, 0x6A82, 0x6E00, 0x6984,
    ]

    @Test(arguments: optional.indices, [CardProfile.openPGP34, .yubiKey57Both])
    func aRefusedOptionalObjectHidesNothing(_ index: Int, _ profile: CardProfile) throws {
        let (instruction, tag) = Self.optional[index]
        for status in Self.refusals {
            let card = try BentOpenPGPCard(profile)
            card.bend = { command in
                let isIt =
                    command[1] == instruction
                    && (instruction == 0xA5 || UInt16(command[2]) << 8 | UInt16(command[3]) == tag)
                return isIt ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
            }
            #expect(throws: Never.self, "\(String(status, radix: 16)) to \(String(tag, radix: 16))") {
                try expectAllWorks(card)
            }
        }
    }

    /// The token, its keys and its PIN are there, and the keys sign.
    private func expectAllWorks(_ card: BentOpenPGPCard) throws {
        let token = try open(card)
        #expect(try token.information().holdsKeys)
        let all = token.catalogue.map(\.reference)
        #expect(try token.present(among: all, areNamed: false).filter { $0.kind == .privateKey } == keys)
        _ = try token.pinStatus()
        _ = try token.cardAlgorithms()
        try login(token)
        for key in keys {
            _ = try token.sign(with: key, input: [UInt8](repeating: 7, count: 32), authorization: nil)
        }
    }

    /// What an optional object holds is nonsense. Of F9, which says what is made of passwords, nothing is guessed.
    @Test(arguments: optional.indices, [CardProfile.openPGP34, .yubiKey57Both])
    func aGarbledOptionalObjectHidesNothing(_ index: Int, _ profile: CardProfile) throws {
        let (instruction, tag) = Self.optional[index]
        guard instruction != 0xA5, tag != 0xF9 else { return }
        let garbage: [[UInt8]] = [
            [0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0xFA, 0x82, 0xFF, 0xFF], [0x00],
            [0x7F, 0x21, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            [UInt8](repeating: 0, count: 40), [UInt8](repeating: 0x30, count: 200), [0x01, 0x02, 0x03],
        ]
        let card = try BentOpenPGPCard(profile)
        for bytes in garbage {
            card.reset()
            card.bend = { command in
                command[1] == instruction && UInt16(command[2]) << 8 | UInt16(command[3]) == tag
                    ? bytes + [0x90, 0x00] : nil
            }
            #expect(throws: Never.self, "\(bytes.prefix(8)) of \(String(tag, radix: 16))") {
                try expectAllWorks(card)
            }
        }
    }

    /// One odd answer in the middle of the first listing hides what it was about for a short while.
    @Test(arguments: [[0x69, 0x82], [0x6D, 0x00], [0x6F, 0x00], [0x6A, 0x88]] as [[UInt8]])
    func oneOddAnswerHidesNothingForLong(_ status: [UInt8]) throws {
        let whole = try open(try BentOpenPGPCard())
        let all = whole.catalogue.map(\.reference)
        let expected = try whole.present(among: all, areNamed: false)
        for odd in 0..<16 {
            let card = try BentOpenPGPCard()
            let token = try open(card)
            var count = 0
            card.bend = { _ in
                defer { count += 1 }
                return count == odd ? status : nil
            }
            _ = try? token.present(among: all, areNamed: false)
            card.bend = { _ in nil }
            time.advance(milliseconds: 5_000)
            #expect(try token.present(among: all, areNamed: false) == expected, "command \(odd)")
        }
    }

    /// SELECT DATA holds for the next command only on CanoKey: it stands directly before each that reads or writes a
    /// certificate.
    @Test func selectDataStandsBeforeEachCertificate() throws {
        let card = try BentOpenPGPCard()
        let token = try open(card)
        let pin = Array("12345678".utf8)
        try token.loginAdministrator(secret: pin.span.bytes)
        for key in [1, 3] as [UInt32] {
            let certificate = ObjectReference(.certificate, key)
            let info = try token.subjectPublicKeyInfo(of: ObjectReference(.privateKey, key))
            _ = info
            try token.delete(certificate, ifStill: token.revision(of: certificate))
        }
        let commands = card.sent
        for index in commands.indices {
            let isCertificate = [0xCA, 0xDA].contains(commands[index][1]) && commands[index][2...3] == [0x7F, 0x21]
            if isCertificate { #expect(commands[index - 1][1] == 0xA5) }
        }
        #expect(commands.contains { $0[1] == 0xDA })
    }

    /// A new PIN that the card finds too simple (YubiKey 5.7 with PIN complexity).
    @Test func aTooSimplePINIsAnInvalidOne() throws {
        let card = try BentOpenPGPCard()
        card.bend = { $0[1] == 0x24 ? [0x69, 0x85] : nil }
        let token = try open(card)
        let (old, new) = (Array("123456".utf8), Array("111111".utf8))
        #expect(throws: TokenError.pinTooSimple) { try token.changePIN(from: old.span.bytes, to: new.span.bytes) }
    }

    /// 6985 asks for a touch only where the key has touch.
    @Test func aRefusalWithoutTouchIsNoMissingTouch() throws {
        let card = try BentOpenPGPCard()
        let token = try open(card)
        try login(token)
        card.bend = { [0x2A, 0x88].contains($0[1]) ? [0x69, 0x85] : nil }
        for key in keys {
            #expect {
                _ = try token.sign(with: key, input: [UInt8](repeating: 7, count: 32), authorization: nil)
            } throws: { error in
                error as? TokenError != .userActionMissing
            }
        }
    }

    @Test(arguments: [[0x6A, 0x81], [0x69, 0x85], [0x69, 0x84]] as [[UInt8]])
    func aCardThatTakesNoPINHereSaysSo(_ status: [UInt8]) throws {
        let card = try BentOpenPGPCard()
        let token = try open(card)
        card.bend = { $0[1] == 0x20 && $0.count > 6 ? status : nil }
        #expect {
            try login(token)
        } throws: { error in
            guard case .failed(let text)? = error as? TokenError else { return false }
            return text.contains("over this reader")
        }
    }

    /// An application that is not activated (6285, or 6985) is there, and nothing is activated unasked.
    @Test(arguments: [[0x62, 0x85], [0x69, 0x85]] as [[UInt8]])
    func anApplicationThatIsNotActivatedIsShown(_ status: [UInt8]) throws {
        let card = try BentOpenPGPCard()
        card.bend = { $0[1] == 0xA4 ? status : [0x6D, 0x00] }
        let token = try open(card)
        #expect(try !token.information().holdsKeys)
        #expect(try token.present(among: token.catalogue.map(\.reference), areNamed: false) == [])
        #expect(!card.sent.contains { $0[1] == 0x44 })
    }

    /// SmartPGP answers 6982 to every wrong password, also once it is blocked; C4 tells the tries.
    @Test func aResetEndsWhereTheCardNeverSaysBlocked() throws {
        let card = try BentOpenPGPCard()
        let token = try open(card)
        card.bend = { [channel = card.channel] command in
            guard command[1] == 0x20 else { return nil }
            let answer = channel.card.process(command)
            return answer == [0x90, 0x00] ? answer : [0x69, 0x82]
        }
        try token.reset(administratorSecret: nil)
        #expect(card.sent.count { $0[1] == 0x20 } < 16)
        #expect(try !open(card).information().holdsKeys)
    }

    /// A blocked PIN, and an old value that is no resetting code, or none is set.
    @Test func aBlockedPINLeavesTheResettingCodeAlone() throws {
        let card = try BentOpenPGPCard()
        let token = try open(card)
        let wrong = Array("999999".utf8), new = Array("222222".utf8)
        for _ in 0..<3 { try? token.login(pin: wrong.span.bytes) }
        for text in ["123456", "12345678"] {
            let old = Array(text.utf8)
            #expect(throws: TokenError.pinBlocked) {
                try token.changeOrUnblockPIN(from: old.span.bytes, to: new.span.bytes)
            }
        }
        #expect(!card.sent.contains { $0[1] == 0x2C })
    }
}

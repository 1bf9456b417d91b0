import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// No optional object decides over a token, a key or a password, and a refusal is an absence for a short while.
@Suite("OpenPGP data that are wrong, or refused once") struct OddDataTests {
    private let message: [UInt8] = [7, 7, 7]
    private func place(_ number: UInt32) -> ObjectReference { ObjectReference(.privateKey, number) }

    /// A card whose key information (DE) says that there are no keys, beside fingerprints and keys.
    @Test func keyInformationTakesNoKeyAway() throws {
        let card = try BentOpenPGPCard()
        card.changeRelated([0xDE, 6, 1, 1, 2, 0, 3, 1], to: [0xDE, 6, 1, 0, 2, 0, 3, 0])
        let token = try card.open()
        let keys = [1, 3].map { place($0) }
        #expect(try token.present(among: [1, 2, 3].map { place($0) }, areNamed: false) == keys)
        for key in keys { #expect(try token.content(of: key) == .key) }
        #expect(try token.unfinishedChanges().isEmpty)
        try token.login("123456")
        #expect(try token.sign(with: keys[1], input: message, authorization: nil).count == 64)
        try token.loginAdministrator("12345678")
        try token.finishChanges()
        let certificates = [1, 3].map { ObjectReference(.certificate, $0) }
        #expect(try card.another().present(among: certificates, areNamed: true) == certificates)
    }

    /// The same without a fingerprint: the place is not empty all the same.
    @Test func aKeyWithoutAnyWordOfItIsNotReplaced() throws {
        let card = try BentOpenPGPCard()
        let name = try card.another().withCache { $0.related.value.keys[.signature]?.fingerprint }
        card.change = { command, answer in
            guard command[1...3] == [0xCA, 0x00, 0x6E] else { return answer }
            return answer.replacing([0xDE, 6, 1, 1, 2, 0, 3, 1], by: [0xDE, 6, 1, 0, 2, 0, 3, 1])
                .replacing(name ?? [], by: [UInt8](repeating: 0, count: 20))
        }
        let token = try card.open()
        #expect(try token.content(of: place(1)) == .key)
        #expect(try token.emptyPlace(for: .ec(.p256)) == place(2))
        try token.loginAdministrator("12345678")
        try token.finishChanges()
        let certificate = ObjectReference(.certificate, 1)
        #expect(try card.another().present(among: [certificate], areNamed: true) == [certificate])
    }

    private static let wantsHash = RelatedData(capabilities: "7D00 0800 0800 00FF 00 00")
    private static let userHash = "773784A602B6C81E3F092F4D7D00E17CC822D88F7360FCF2D2EF2D9D901F44B6"
    private static let named = "6F12 8410 D27600012401 0304 0005 12345678 0000 9000"
    private static var hashed: [Step] {
        [.get("00F9", ParsingTests.derivation + "9000"), Step("00200082 20 \(userHash)", "9000")]
    }

    /// The related data failed once when the token was opened. They are read before the first PIN is sent, which a card
    /// that wants a hash would count as wrong.
    @Test(arguments: ["6A80", "6A88"]) func noPINIsSentInAFormThatNobodyAskedFor(_ status: String) throws {
        let card = ScriptedCard()
        let named = Step(Step.select.command, Self.named)
        let token = try #require(try card.open(named, .get("006E", status)))
        card.expect([named, .related(Self.wantsHash)] + Self.hashed)
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    /// Extended capabilities that are a byte short tell nothing: the card is asked for what they would have told.
    @Test func shortCapabilitiesAskForTheForm() throws {
        let card = ScriptedCard()
        let token = try card.token(RelatedData(capabilities: "7D00 0800 0800 00FF 00"))
        card.expect([.select, .related(RelatedData(capabilities: "7D00 0800 0800 00FF 00"))] + Self.hashed)
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    /// Another program has passwords hashed from now on, a moment after the card said that it wants none hashed.
    @Test func theDerivationIsAskedForInEachTransaction() throws {
        let card = ScriptedCard()
        let token = try card.token(Self.wantsHash)
        card.expect(.select, .get("00F9", "810100 9000"), .verify("82"))
        try token.login("123456")
        card.expect([.select] + Self.hashed)
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    /// The application is selected before it is asked for the form, for a single use as for a login. Right after a login
    /// nothing is asked, for nothing is sent.
    @Test func theApplicationIsSelectedBeforeItsFormIsAskedFor() throws {
        let card = ScriptedCard()
        var related = Self.wantsHash
        related.passwords = "007F7F7F030003"
        let token = try card.token(related)
        let form = Step.get("00F9", ParsingTests.derivation + "9000")
        card.expect(.select, form, Step("00200081 20 \(Self.userHash)", "9000"))
        _ = try token.authenticate("123456")
        card.expect([.select] + Self.hashed)
        try token.login("123456")
        _ = try token.authenticate("123456")
        #expect(card.left.isEmpty)
    }

    /// Opened while it was terminated, and brought to life, here or by another program.
    @Test(arguments: [false, true]) func anApplicationComesToLife(_ isByAnother: Bool) throws {
        let card = try BentOpenPGPCard()
        let known = try card.another()
        let serialNumber = try known.information().serialNumber
        try known.loginAdministrator("12345678")
        #expect(card.channel.card.process([0x00, 0xE6, 0x00, 0x00]) == [0x90, 0x00])
        let token = try card.open()
        if isByAnother {
            try card.another().reset(administratorSecret: nil)
            card.reset()
        } else {
            try token.reset(administratorSecret: nil)
        }
        try token.loginAdministrator("12345678")
        let made = try token.generateKeyPair(.ec(.p256), at: place(1), KeyRequest())
        #expect(try token.information().serialNumber == serialNumber)
        #expect(try token.subjectPublicKeyInfo(of: place(1)) == made)
        try token.login("123456")
        _ = try token.sign(with: place(1), input: KnownKeys.p256Hash, authorization: nil)
        // Nothing is selected in vain, which would take the login away.
        card.clearSent()
        _ = try token.present(among: token.catalogue.map(\.reference), areNamed: false)
        #expect(!card.sent.contains { $0[1] == 0xA4 })
        // Another card is another card.
        var builder = try CardBuilder(profile: .openPGP34, serialNumber: 9)
        try builder.add(.init(slot: "sig", algorithm: "p256"))
        card.channel = VirtualCardChannel(card: VirtualCard(state: builder.state))
        card.continuity = .reset
        #expect(throws: TokenError.removed) {
            try token.generateKeyPair(.ec(.p256), at: place(1), KeyRequest())
        }
    }

    /// What was refused once is asked for again when some seconds have passed.
    @Test(arguments: [[0x6F, 0x00], [0x69, 0x82], [0x6D, 0x00]] as [[UInt8]])
    func aRefusalIsBelievedForAShortWhile(_ status: [UInt8]) throws {
        let card = try BentOpenPGPCard(.yubiKey57Both)
        let time = TestTime()
        let token = try card.open(time)
        card.bend = { [0xFA, 0x00].contains($0[3]) && [0xCA, 0xF1].contains($0[1]) ? status : nil }
        _ = try token.cardAlgorithms()
        #expect(try token.information().firmwareVersion.major == 0)
        card.bend = { _ in nil }
        time.advance(milliseconds: 5_000)
        #expect(try token.cardAlgorithms().ecdsa == 256...521)
        #expect(try token.information().firmwareVersion.major == 5)
        // What was told is told for good.
        card.clearSent()
        time.advance(milliseconds: 60_000)
        _ = try token.cardAlgorithms()
        #expect(try token.information().firmwareVersion.major == 5)
        #expect(!card.sent.contains { $0[3] == 0xFA || $0[1] == 0xF1 })
    }

    /// A YubiKey 4 refuses the touch policy once.
    @Test func aRefusedTouchPolicyIsAskedForAgain() throws {
        let card = ScriptedCard()
        var related = RelatedData.version2
        related.manufacturer = "0006"
        let token = try card.token(related)
        // Once more when it is known whose answer it was.
        card.expect(.get("00D8", "6F00"), .related(related), .get("00D8", "6F00"))
        #expect(try token.policy(of: place(3)).touch == .never)
        card.wait(seconds: 5)
        card.expect(.get("00D8", "0120 9000"))
        #expect(try token.policy(of: place(3)).touch == .always)
        #expect(card.left.isEmpty)
    }

    /// C4 with a byte more, cut off, or refused: signatures work, and as many of them as one likes.
    @Test(arguments: ["long", "refused"]) func signaturesNeedNoPasswordStatus(_ what: String) throws {
        let card = try BentOpenPGPCard()
        card.change = { command, answer in
            switch (command[1], command[3]) {
            case (0xCA, 0x6E) where what == "refused": answer.replacing([0xC4, 7], by: [0xC8, 7])
            // The next object, C5, is C4's eighth byte and 3C.
            case (0xCA, 0x6E): answer.replacing([0xC4, 7], by: [0xC4, 8]).replacing([0xC5, 60], by: [0xC5, 59])
            case (0xCA, 0xC4): [0x6A, 0x88]
            default: answer
            }
        }
        card.channel.card.setSignaturesPerPIN(1)
        let token = try card.open()
        try token.login("123456")
        for _ in 0..<3 { _ = try token.sign(with: place(1), input: KnownKeys.p256Hash, authorization: nil) }
        #expect(try token.sign(with: place(3), input: message, authorization: nil).count == 64)
    }

    /// A length of nothing says nothing.
    @Test(arguments: [("01000000030003", 6...127, 8...127), ("01050505030003", 6...127, 8...127)])
    func aPasswordMayBeAsLongAsUsual(_ status: String, _ user: ClosedRange<Int>, _ other: ClosedRange<Int>) throws {
        let parsed = try #require(PasswordStatus(parsing: bytes(status)))
        #expect(parsed.lengths(.user) == user)
        #expect(parsed.lengths(.administrator) == other)
        #expect(parsed.lengths(.resettingCode) == other)
    }

    /// The discretionary objects (73) and a public key (7F49) declare more than there is.
    @Test func whatComesLastMayDeclareTooMuch() throws {
        var related = RelatedData()
        related.hasOwnTag = false
        var encoded = related.encoded
        let start = try #require(encoded.indices.first { encoded[$0] == 0x73 && encoded[$0 + 1] == 0x81 })
        encoded[start + 2] += 2
        let parsed = ApplicationRelatedData(parsing: encoded)
        #expect(parsed.capabilities?.maximumCertificate == 2048)
        #expect(parsed.keys[.authentication]?.algorithm == .eddsa(.known(.ed25519)))
        #expect(parsed.keys[.authentication]?.state == .generated)
        var template = [UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, KnownKeys.p256Point))
        template[2] += 2
        let key = PublicKeyTemplate(parsing: template, attributes: .ecdsa(.known(.ec(.p256))))
        #expect(key?.publicKey == .ec(.p256, point: KnownKeys.p256Point))
    }

    /// Neither SELECT nor the related data name the card: it is asked for its identifier alone, as scdaemon does.
    @Test func theIdentifierIsAskedForAlone() throws {
        let card = ScriptedCard()
        let related = RelatedData()
        let nameless = Array(related.encoded.dropFirst(3)).replacing([0x4F, 16], by: [0x5B, 16])
        card.expect(.select, .get("006E", hex(nameless) + "9000"), .get("004F", hex(related.identifier) + "9000"))
        let token = try #require(try card.open())
        #expect(try token.information().serialNumber == "000512345678")
        #expect(card.left.isEmpty)
    }
}

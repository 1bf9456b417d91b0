import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// What another program has done to the card since it was last asked is seen before anything is replaced or deleted.
@Suite("What is believed of an OpenPGP card is asked anew before it is changed") struct StaleDataTests {
    private func place(_ number: UInt32) -> ObjectReference { ObjectReference(.privateKey, number) }

    /// SELECT was sent for the reset, and shows nothing of the keys. Some cards tell their identifier with it.
    @Test(arguments: [false, true]) func aKeyThatAnotherProgramMadeIsNoEmptyPlace(_ tellsIdentifier: Bool) throws {
        let card = try BentOpenPGPCard(keys: [])
        if tellsIdentifier { card.tellIdentifier() }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        #expect(try token.content(of: place(1)) == .nothing)
        let other = try card.another()
        try other.loginAdministrator("12345678")
        let made = try other.generateKeyPair(.ec(.p256), at: place(1), KeyRequest())
        card.reset()
        #expect(try token.content(of: place(1)) == .key)
        card.reset()
        #expect(try token.emptyPlace(for: .ec(.p256)) == place(2))
        #expect(try card.another().subjectPublicKeyInfo(of: place(1)) == made)
    }

    @Test(arguments: [false, true])
    func anAlgorithmThatAnotherProgramChangedIsWrittenAgain(_ tellsIdentifier: Bool) throws {
        let card = try BentOpenPGPCard()
        if tellsIdentifier { card.tellIdentifier() }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        _ = try token.cardAlgorithms()
        let other = try card.another()
        try other.loginAdministrator("12345678")
        _ = try other.generateKeyPair(.ec(.p384), at: place(1), KeyRequest())
        card.reset()
        let made = try token.generateKeyPair(.ec(.p256), at: place(1), KeyRequest())
        #expect(try PublicKey(subjectPublicKeyInfo: made).type == .ec(.p256))
        #expect(try card.another().subjectPublicKeyInfo(of: place(1)) == made)
        #expect(try card.another().unfinishedChanges().isEmpty)
    }

    /// The key was not there when the token was opened; it was made, with its certificate, and the card reset since.
    @Test(arguments: [false, true]) func aRepairDeletesNoCertificateOfAKeyThatIsThere(_ tellsIdentifier: Bool) throws {
        let card = try BentOpenPGPCard()
        card.changeRelated([0xDE, 6, 1, 1, 2, 0, 3, 1], to: [0xDE, 6, 1, 1, 2, 0, 3, 0])
        if tellsIdentifier { card.tellIdentifier() }
        let time = TestTime()
        let token = try card.open(time)
        card.change = { $1 }
        if tellsIdentifier { card.tellIdentifier() }
        try token.loginAdministrator("12345678")
        time.advance(milliseconds: 60_000)
        card.reset()
        #expect(try token.unfinishedChanges().isEmpty)
        card.reset()
        try token.finishChanges()
        let certificate = ObjectReference(.certificate, 3)
        #expect(try card.another().present(among: [certificate], areNamed: true) == [certificate])
    }

    @Test func whetherThereAreKeysIsAskedAfterAReset() throws {
        let card = try BentOpenPGPCard(keys: [])
        card.tellIdentifier()
        let time = TestTime()
        let token = try card.open(time)
        #expect(try !token.information().holdsKeys)
        let other = try card.another()
        try other.loginAdministrator("12345678")
        _ = try other.generateKeyPair(.ec(.p256), at: place(1), KeyRequest())
        time.advance(milliseconds: 5_000)
        card.reset()
        #expect(try token.information().holdsKeys)
    }

    /// A reader that does not tell that another card is in it.
    @Test(arguments: [CardContinuity.kept, .reset]) func anotherCardIsNotReset(_ continuity: CardContinuity) throws {
        let (card, second) = (try BentOpenPGPCard(), try SecondCard())
        let token = try card.open()
        _ = try token.pinStatus()
        card.channel = second.channel
        card.continuity = continuity
        #expect(throws: TokenError.removed) { try token.reset(administratorSecret: nil) }
        let other = try second.open()
        #expect(try other.information().holdsKeys)
        #expect(try other.pinStatus().retriesLeft == 3)
    }

    private struct SecondCard {
        let channel: VirtualCardChannel

        init() throws {
            var builder = try CardBuilder(profile: .openPGP34, serialNumber: 8)
            try builder.add(.init(slot: "sig", algorithm: "p256"))
            channel = VirtualCardChannel(card: VirtualCard(state: builder.state))
        }

        func open() throws -> OpenPGPToken { try #require(try OpenPGPToken.open(Card(channel: channel))) }
    }

    /// A touch policy that another program sets, and related data that are cut short, take no handle away.
    @Test(arguments: ["touch", "thin", "empty"]) func whatSaysNothingOfTheKeyLeavesItsHandle(_ what: String) throws {
        let card = try BentOpenPGPCard()
        let token = try card.open()
        let keys = [1, 3].map { place($0) }
        #expect(try token.present(among: keys, areNamed: false) == keys)
        try token.login("123456")
        if what == "touch" {
            card.changeRelated([0xD8, 2, 0, 0x20], to: [0xD8, 2, 1, 0x20])
        } else {
            let isEmpty = what == "empty"
            var count = 0
            card.change = { command, answer in
                guard command[1...3] == [0xCA, 0x00, 0x6E] else { return answer }
                count += 1
                // 73 becomes an object that nobody knows, or is cut off.
                guard count == 1 else { return answer }
                let start = answer.indices.first { answer[$0] == 0x73 && answer[$0 + 1] == 0x81 } ?? answer.endIndex
                if isEmpty { return answer.prefix(start) + [0x90, 0x00] }
                return answer.replacing([0x73, 0x81], by: [0x74, 0x81])
            }
        }
        card.reset()
        #expect(try token.sign(with: place(3), input: [1], authorization: nil).count == 64)
        #expect(try token.sign(with: place(3), input: [1], authorization: nil).count == 64)
        #expect(keys.allSatisfy { token.revision(of: $0) == 0 })
        if what == "touch" { #expect(try token.policy(of: place(3)).touch == .always) }
        // Another key is another object all the same.
        let other = try card.another()
        try other.loginAdministrator("12345678")
        _ = try other.generateKeyPair(.ed25519, at: place(3), KeyRequest())
        card.reset()
        #expect(try !token.isUnchanged(place(3)))
    }

    /// Where another program takes the fingerprint away the key is being changed, or the card was reset.
    @Test func aKeyThatLosesItsNameIsAnotherOne() throws {
        let card = try BentOpenPGPCard()
        let token = try card.open()
        #expect(try token.present(among: [place(1)], areNamed: true) == [place(1)])
        let name = token.withCache { $0.related.value.keys[.signature]?.fingerprint }
        card.changeRelated(try #require(name), to: [UInt8](repeating: 0, count: 20))
        _ = try token.content(of: place(1))
        #expect(token.revision(of: place(1)) == 1)
    }

    /// The related data say nothing for once: that is no other card.
    @Test(arguments: [[0x6A, 0x88], [0x6A, 0x82], [0x90, 0x00], [0x6F, 0x00]] as [[UInt8]])
    func aStrangeAnswerIsNoOtherCard(_ answer: [UInt8]) throws {
        let card = try BentOpenPGPCard()
        let token = try card.open()
        _ = try token.subjectPublicKeyInfo(of: place(3))
        try token.login("123456")
        card.reset()
        var isAsked = false
        card.bend = { command in
            guard command[1...3] == [0xCA, 0x00, 0x6E], !isAsked else { return nil }
            isAsked = true
            return answer
        }
        let outcome = Result { try token.sign(with: place(3), input: [1], authorization: nil) }
        if case .failure(let error) = outcome { #expect(error as? TokenError != .removed) }
        #expect(isAsked)
        card.reset()
        #expect(try token.sign(with: place(3), input: [1], authorization: nil).count == 64)
    }

    /// The key is believed still, and the card tells of another one when the login is restored.
    @Test func aKeyThatIsKnownToBeAnotherOneDeciphersNothing() throws {
        let card = try BentOpenPGPCard(keys: [("sig", "p256"), ("dec", "x25519")])
        let token = try card.open()
        _ = try token.subjectPublicKeyInfo(of: place(2))
        try token.login("123456")
        let other = try card.another()
        try other.loginAdministrator("12345678")
        _ = try other.generateKeyPair(.x25519, at: place(2), KeyRequest())
        card.reset()
        #expect(throws: TokenError.objectNotFound) {
            try token.sharedSecret(with: place(2), point: KnownKeys.x25519Peer, authorization: nil)
        }
        #expect(!card.sent.contains { $0[1...3] == [0x2A, 0x80, 0x86] })
    }

    /// The related data have no C4, which is asked for then: two answers of many are "nobody knows".
    @Test func triesThatTheRelatedDataDoNotTellAreAskedFor() throws {
        let card = try BentOpenPGPCard()
        card.change = { command, answer in
            command[1...3] == [0xCA, 0x00, 0x6E] ? answer.replacing([0xC4, 7], by: [0xC8, 7]) : answer
        }
        for _ in 0..<2 { #expect(throws: TokenError.self) { try card.another().login("999999") } }
        let token = try card.open()
        #expect(try token.pinStatus().retriesLeft == 1)
    }
}

import HostCrypto
import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// What another program does to the card between two calls of ours.
enum Interference: String, CaseIterable {
    case nothing, selectsAnother, resets, resetsAndTellsNobody

    func act(on card: VirtualCard) -> CardContinuity {
        switch self {
        case .nothing: return .kept
        case .selectsAnother:
            _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x08, 0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17])
            return .kept
        case .resets:
            card.reset()
            return .reset
        case .resetsAndTellsNobody:
            card.reset()
            return .kept
        }
    }
}

@Suite struct SharedCardTests {
    @Test(arguments: Interference.allCases)
    func signsAgainAfter(_ interference: Interference) throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.sign(0x9A)
        simulated.channel.meanwhile = interference.act(on:)
        // Before the PIN is sent the card shows that it is the same one: by a certificate, as nobody has asked for its number.
        let restored = ["SELECT", "GET DATA 5FC105", "VERIFY status", "VERIFY", "GENERAL AUTHENTICATE"]
        let expected =
            switch interference {
            case .nothing: ["GENERAL AUTHENTICATE"]
            case .selectsAnother, .resetsAndTellsNobody: ["GENERAL AUTHENTICATE"] + restored
            case .resets: restored
            }
        for _ in 0..<3 {
            var isRight = false
            let commands = try simulated.commands { isRight = try simulated.verifies(simulated.sign(0x9A), 0x9A) }
            #expect(commands == expected)
            #expect(isRight)
        }
        simulated.channel.meanwhile = nil
        #expect(try simulated.token.pinStatus().retriesLeft == nil)
    }

    @Test(arguments: Interference.allCases)
    func readsRightAfter(_ interference: Interference) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        simulated.channel.meanwhile = interference.act(on:)
        let certificates = [0x9A, 0x9C, 0x9D].map { ObjectReference(.certificate, $0) }
        #expect(try simulated.token.present(among: certificates, areNamed: false) == [certificates[0]])
    }

    /// Whatever another application says of an object or a key, the PIV application is asked before it is believed.
    @Test(arguments: [StatusWord.notFound, .referenceNotFound, .success, .securityStatusNotSatisfied, .unknownError])
    func anAnswerOfAnotherApplicationIsNotCached(_ status: StatusWord) throws {
        let simulated = try SimulatedToken(keys: [
            .init(reference: 0x9A, algorithm: "p256"), .init(reference: 0x9E, algorithm: "p256", certificate: .none),
        ])
        let token = try #require(
            try PIVToken.open(Card(channel: TakenCard(simulated.channel, answering: status))))
        let objects = [
            ObjectReference(.certificate, 0x9A), ObjectReference(.privateKey, 0x9E), ObjectReference(.privateKey, 0x9C),
        ]
        // One by one, for the second of several questions in one transaction is safe already.
        for object in objects {
            #expect(try token.present(among: [object], areNamed: true) == (object == objects[2] ? [] : [object]))
        }
        let key = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: objects[1]))
        let hash = [UInt8](repeating: 7, count: 32)
        let signature = try token.sign(with: objects[1], input: hash, authorization: nil)
        #expect(try key.verifyECDSA(ECDSASignature(der: signature, fieldSize: 32), hash: hash))
    }

    /// Keys without certificates are known by their metadata alone.
    @Test(arguments: Interference.allCases)
    func metadataAreReadRightAfter(_ interference: Interference) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256", certificate: .none)])
        simulated.channel.meanwhile = interference.act(on:)
        let keys = [0x9A, 0x9C].map { ObjectReference(.privateKey, $0) }
        #expect(try simulated.token.present(among: keys, areNamed: false) == [keys[0]])
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// The PIN must reach no other application: VERIFY with data comes only where PIV was selected before it in the same transaction.
    @Test(arguments: Interference.allCases)
    func sendsThePINToPIVOnly(_ interference: Interference) throws {
        let simulated = try SimulatedToken()
        _ = try simulated.token.pinStatus()
        simulated.channel.meanwhile = interference.act(on:)
        let commands = try simulated.commands { try simulated.login() }
        #expect(commands == ["SELECT", "VERIFY"])
    }

    /// Another program changed the PIN: the one that is kept here costs one try, and is then forgotten.
    @Test func aRefusedPINIsNeverSentAgain() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        var isChanged = false
        simulated.channel.meanwhile = { card in
            guard !isChanged else { return .kept }
            isChanged = true
            card.reset()
            _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
            let change: [UInt8] = Array("123456".utf8) + [0xFF, 0xFF] + Array("654321".utf8) + [0xFF, 0xFF]
            _ = card.process([0x00, 0x24, 0x00, 0x80, 0x10] + change)
            card.reset()
            return .reset
        }
        #expect(throws: TokenError.keptPINRefused(retriesLeft: 2)) { _ = try simulated.sign(0x9A) }
        #expect(try simulated.token.pinStatus().retriesLeft == 2)
        simulated.channel.meanwhile = { card in
            card.reset()
            return .reset
        }
        for _ in 0..<5 {
            #expect(throws: TokenError.notLoggedIn) { _ = try simulated.sign(0x9A) }
        }
        #expect(try simulated.token.pinStatus().retriesLeft == 2)
        try simulated.login("654321")
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    @Test func aRemovedCardIsRemoved() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        simulated.channel.failure = .removed
        #expect(throws: TokenError.removed) { try simulated.sign(0x9A) }
        #expect(throws: TokenError.removed) { try simulated.login() }
    }
}

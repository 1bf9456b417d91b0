import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// A certificate is written into its own place, or not at all, and what is in another key's place stays there.
@Suite("Certificates of OpenPGP cards stay in their places") struct CertificatePlaceTests {
    private let certificates = [1, 3].map { ObjectReference(.certificate, $0) }

    /// Another program has left the third certificate selected, which is the signature key's.
    private static func selectThird(_ card: BentOpenPGPCard) {
        let commands: [[UInt8]] = [
            [0x00, 0xA4, 0x04, 0x00, 0x06, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01],
            [0x00, 0xA5, 0x02, 0x04, 0x06, 0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21],
        ]
        for command in commands { #expect(card.channel.card.process(command).suffix(2) == [0x90, 0x00]) }
    }

    /// What happens to the certificate of the authentication key.
    enum Deed: String, CaseIterable, Sendable {
        case writes, deletes, repairs, makesKey
    }

    /// SELECT DATA fails for once, with a status word that does not say that there is no such command.
    @Test(arguments: Deed.allCases, [[0x6F, 0x00], [0x69, 0x85], [0x6A, 0x80]] as [[UInt8]])
    func aFailureIsNoWordOnTheCommand(_ deed: Deed, _ status: [UInt8]) throws {
        let card = try BentOpenPGPCard()
        let place = ObjectReference(.privateKey, 3)
        let before = try certificates.map { try card.another().value(of: $0) }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        Self.selectThird(card)
        #expect(card.channel.card.process([0x00, 0x20, 0x00, 0x83, 0x08] + Array("12345678".utf8)) == [0x90, 0x00])
        let revision = token.revision(of: certificates[1])
        var isRefused = false
        card.bend = { command in
            guard command[1] == 0xA5, !isRefused else { return nil }
            isRefused = true
            return status
        }
        let outcome = Result {
            switch deed {
            case .writes: try token.write(before[1], to: certificates[1], ifStill: nil)
            case .deletes: try token.delete(certificates[1], ifStill: revision)
            case .repairs: try token.finishChanges()
            case .makesKey: _ = try token.generateKeyPair(.ed25519, at: place, KeyRequest())
            }
        }
        #expect(isRefused)
        card.bend = { _ in nil }
        // The signature key's is there still, whatever became of the other one.
        let other = try card.another()
        #expect(try other.value(of: certificates[0]) == before[0])
        if case .failure = outcome, deed != .makesKey { #expect(try other.value(of: certificates[1]) == before[1]) }
        if deed == .repairs { #expect(try other.value(of: certificates[1]) == before[1]) }
    }

    /// A card that answers SELECT DATA with 9000 and gives the one certificate that it has.
    @Test func aCardThatDoesNotChooseLosesNoCertificateOfAnotherKey() throws {
        let card = try BentOpenPGPCard()
        let before = try card.another().value(of: certificates[1])
        card.bend = { $0[1] == 0xA5 ? [0x90, 0x00] : nil }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        #expect(try token.unfinishedChanges().isEmpty)
        try token.finishChanges()
        _ = try token.generateKeyPair(.ec(.p384), at: ObjectReference(.privateKey, 1), KeyRequest())
        #expect(try card.another().value(of: certificates[1]) == before)
    }

    /// The same: what is written for the signature key would take the place of the authentication key's certificate.
    @Test(arguments: [Deed.writes, .deletes]) func whatCannotBeToldApartIsNotOverwritten(_ deed: Deed) throws {
        let card = try BentOpenPGPCard()
        let before = try certificates.map { try card.another().value(of: $0) }
        card.bend = { $0[1] == 0xA5 ? [0x90, 0x00] : nil }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        _ = try token.present(among: certificates, areNamed: true)
        for place in certificates + [ObjectReference(.certificate, 2)] where place.number != 3 {
            #expect {
                if deed == .writes { return try token.write(before[0], to: place, ifStill: nil) }
                try token.delete(place, ifStill: token.revision(of: place))
            } throws: { error in
                guard case .failed(let text)? = error as? TokenError else {
                    return error is TokenError && deed == .deletes
                }
                return text.contains("the same certificate for two keys")
            }
        }
        // Its own place is the one that there is.
        try token.write(before[1], to: certificates[1], ifStill: nil)
        #expect(try card.another().value(of: certificates[1]) == before[1])
    }

    /// There is no certificate yet by which it could be told: the first one is taken back.
    @Test func theFirstCertificateOfACardThatDoesNotChooseIsTakenBack() throws {
        let card = try BentOpenPGPCard()
        let before = try card.another().value(of: certificates[0])
        let administrator = try card.another()
        try administrator.loginAdministrator("12345678")
        for place in certificates { try administrator.delete(place, ifStill: administrator.revision(of: place)) }
        card.bend = { $0[1] == 0xA5 ? [0x90, 0x00] : nil }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        #expect(throws: TokenError.self) { try token.write(before, to: certificates[0], ifStill: nil) }
        card.bend = { _ in nil }
        #expect(try card.another().present(among: certificates, areNamed: true).isEmpty)
        // One that chooses takes it.
        let other = try card.open()
        try other.loginAdministrator("12345678")
        try other.write(before, to: certificates[0], ifStill: nil)
        #expect(try card.another().present(among: certificates, areNamed: true) == [certificates[0]])
    }

    /// A refused GET DATA ends no handle for good; an empty object does.
    @Test(
        arguments: [
            ([0x6F, 0x00], false), ([0x69, 0x82], false), ([0x6D, 0x00], false), ([0x6A, 0x88], true),
            ([0x6A, 0x82], true), ([0x90, 0x00], true),
        ] as [([UInt8], Bool)])
    func whatCannotBeReadIsTheSameObjectStill(_ status: [UInt8], _ isGone: Bool) throws {
        let card = try BentOpenPGPCard()
        let time = TestTime()
        let token = try card.open(time)
        #expect(try token.present(among: certificates, areNamed: true) == certificates)
        time.advance(milliseconds: 5_000)
        card.bend = { $0[1...3] == [0xCA, 0x7F, 0x21] ? status : nil }
        #expect(try token.present(among: certificates, areNamed: true).isEmpty)
        card.bend = { _ in nil }
        time.advance(milliseconds: 5_000)
        #expect(try token.present(among: certificates, areNamed: true) == certificates)
        for object in certificates { #expect((token.revision(of: object) > 0) == isGone) }
    }
}

import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// The card's attestations as objects: each is made when somebody asks for it by name, and costs a listing nothing.
@Suite struct AttestationTests {
    private static func attestation(_ key: UInt32) -> ObjectReference { ObjectReference(.attestation, key) }

    @Test func aListingCostsNothing() throws {
        let simulated = try SimulatedToken(keyHistory: true)
        let all = simulated.token.catalogue.filter { !$0.isPrivate || $0.reference.kind != .data }.map(\.reference)
        var found: [ObjectReference] = []
        let commands = try simulated.commands { found = try simulated.token.present(among: all, areNamed: false) }
        #expect(!found.isEmpty && found.allSatisfy { $0.kind != .attestation })
        #expect(!commands.contains("INS F9"))
        // Nor does one that asks for attestations alone.
        let attestations = all.filter { $0.kind == .attestation }
        #expect(attestations.count == 24)
        let more = try simulated.commands { _ = try simulated.token.present(among: attestations, areNamed: false) }
        #expect(more.isEmpty)
    }

    @Test func whoNamesOneGetsIt() throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        let (token, object) = (simulated.token, Self.attestation(0x9A))
        var found: [ObjectReference] = []
        let commands = try simulated.commands {
            found = try token.present(among: [object], areNamed: true)
            _ = try token.value(of: object)
        }
        #expect(found == [object])
        #expect(commands == ["INS F9"])
        let value = try token.value(of: object)
        #expect(try Certificate(der: value).publicKey == simulated.publicKey(0x9A))
        // The card makes another one each time; the object stays the one that it was.
        simulated.clock.advance(milliseconds: 6_000)
        var later: [UInt8] = []
        #expect(try simulated.commands { later = try token.value(of: object) } == ["INS F9"])
        #expect(later == value)
        #expect(try simulated.another().token.value(of: object) != value)
        #expect(token.revision(of: object) == 0)
        #expect(throws: TokenError.readOnly) { try token.write(value, to: object) }
        #expect(throws: TokenError.readOnly) { try token.delete(object) }
    }

    /// A key that was imported, and a place without a key.
    @Test func anImportedKeyHasNoAttestation() throws {
        let info = try PrivateKey.generate(.ec(.p256)).pkcs8()
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9C, imported: info)])
        let objects = [0x9C, 0x9D].map(Self.attestation)
        var found: [ObjectReference] = []
        let commands = try simulated.commands {
            for _ in 0..<2 { found += try simulated.token.present(among: objects, areNamed: true) }
        }
        #expect(found.isEmpty)
        // The first refusal might be another application's.
        #expect(commands == ["INS F9", "SELECT", "INS F9", "INS F9"])
        #expect(throws: TokenError.objectNotFound) { _ = try simulated.token.value(of: objects[0]) }
    }

    /// What is no attestation may be another application's answer, and does not pass for a key without one.
    @Test func anotherApplicationsAnswerIsNotTrusted() throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        card.intercept = { command in
            guard command[1] == 0xF9 else { return nil }
            card.intercept = { _ in nil }
            return [0x90, 0x00]
        }
        let object = Self.attestation(0x9A)
        #expect(try token.present(among: [object], areNamed: true) == [object])
    }

    @Test(arguments: [false, true]) func anotherKeyHasAnotherAttestation(_ isAnothers: Bool) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        let object = Self.attestation(0x9A)
        let old = try simulated.token.value(of: object)
        let maker = isAnothers ? try simulated.another() : simulated
        try maker.loginAdministrator()
        let made = try maker.token.generateKeyPair(.ec(.p384), at: NewKeyTests.authentication, KeyRequest())
        // What this process does itself it knows at once.
        if isAnothers { simulated.clock.advance(milliseconds: 6_000) }
        let new = try simulated.token.value(of: object)
        #expect(new != old)
        #expect(try Certificate(der: new).subjectPublicKeyInfo == made)
        #expect(simulated.token.revision(of: object) > 0)
    }

    @Test(arguments: [(CardProfile.yubiKey57, true), (.yubiKey4, true), (.plain, false)])
    func whoAttests(_ profile: CardProfile, _ attests: Bool) throws {
        let simulated = try SimulatedToken(profile, keys: [.init(reference: 0x9C, algorithm: "p256")])
        let described = simulated.token.catalogue.filter { $0.reference.kind == .attestation }
        #expect(described.isEmpty == !attests)
        guard attests else { return }
        // The label is ykcs11's, and no certificate is found by the id of its key but the key's own.
        #expect(described[1].label == "X.509 Certificate for PIV Attestation 9c")
        #expect(Set(simulated.token.catalogue.filter { $0.reference.kind != .data }.map(\.id)).count == 25 + 24)
        #expect(try !simulated.token.value(of: Self.attestation(0x9C)).isEmpty)
    }
}

import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// What the card refuses, or cannot be parsed, changes nothing, is not written over, and takes away no more than itself.
@Suite struct RefusedChangeTests {
    private typealias Bent = RealCardTests.Bent
    private static let key = ObjectReference(.privateKey, 0x9A)
    private static let certificate = ObjectReference(.certificate, 0x9A)

    @Test(arguments: [CardProfile.plain, .yubiKey4, .yubiKey57], [0x6A80, 0x6985, 0x6A84] as [UInt16])
    func aRefusedGenerationLeavesKeyAndCertificate(_ profile: CardProfile, _ status: UInt16) throws {
        let bent = try Bent(profile, keys: RealCardTests.p256)
        let before = try bent.token.value(of: Self.certificate)
        #expect(try bent.token.present(among: [Self.key], areNamed: true) == [Self.key])
        let revision = bent.token.revision(of: Self.key)
        try bent.loginAdministrator()
        bent.card.intercept = { (command) throws(ChannelError) in
            command[1] == 0x47 ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
        }
        #expect(throws: TokenError.self) {
            try bent.token.generateKeyPair(.ec(.p256), at: Self.key, KeyRequest())
        }
        bent.card.intercept = { _ in nil }
        #expect(try bent.simulated.another().token.value(of: Self.certificate) == before)
        // Where the certificate alone tells of the key, its being away and back makes another object of it.
        if profile == .yubiKey57 { #expect(bent.token.revision(of: Self.key) == revision) }
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// CHUID, Capability Container and Key History are there for others: a card that does not take them makes keys.
    @Test(arguments: [0x6A82, 0x6A81, 0x6A86, 0x6A84] as [UInt16])
    func containersThatTheCardDoesNotTakeDecideOverNoKey(_ status: UInt16) throws {
        let bent = try Bent(keys: [], isIdentified: false)
        try bent.loginAdministrator()
        bent.card.intercept = { (command) throws(ChannelError) in
            command[1] == 0xDB ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
        }
        for place in [0x9A, 0x82] as [UInt32] {
            _ = try bent.token.generateKeyPair(.ec(.p256), at: ObjectReference(.privateKey, place), KeyRequest())
        }
    }

    /// A Key History that is refused for once, or is none: what it says of certificates elsewhere would be gone.
    @Test(arguments: [[0x6F, 0x00], [0x69, 0x82], [0x53, 0x03, 0x01, 0x02, 0x03, 0x90, 0x00]] as [[UInt8]])
    func aKeyHistoryThatNobodyKnowsIsNotWritten(_ answer: [UInt8]) throws {
        let bent = try Bent(keys: RealCardTests.p256)
        try bent.loginAdministrator()
        bent.card.intercept = { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x5F, 0xC1, 0x0C], command) ? answer : nil
        }
        _ = try bent.token.generateKeyPair(.ec(.p256), at: ObjectReference(.privateKey, 0x82), KeyRequest())
        let written = bent.card.sent.compactMap { CommandAPDU(parsing: $0) }.filter { $0.header.ins == 0xDB }
        #expect(!written.contains { $0.data.starts(with: [0x5C, 0x03, 0x5F, 0xC1, 0x0C]) })
    }

    /// While ADMIN DATA are refused nobody knows whether the management key is behind the PIN.
    @Test func refusedAdministrationDataKeepTheStoredKey() throws {
        let bent = try Bent(keys: [])
        try bent.loginAdministrator()
        let before = bent.card.sent.count
        bent.card.intercept = { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x5F, 0xFF, 0x00], command) ? [0x6F, 0x00] : nil
        }
        #expect(throws: TokenError.self) {
            try bent.token.write([1, 2, 3], to: ObjectReference(.data, 0x5FC109))
        }
        let new = Array("112233445566778811223344556677881122334455667788".utf8)
        #expect(throws: TokenError.self) {
            try bent.token.changeAdministratorSecret(
                from: Array(SimulatedToken.managementKey.utf8).span.bytes, toOneBehindPIN: new.span.bytes)
        }
        #expect(!bent.card.sent.dropFirst(before).contains { $0[1] == 0xDB || $0[1] == 0xFF })
    }

    /// A management key that the card does not take is not left behind the PIN.
    @Test func aRefusedManagementKeyIsNotStored() throws {
        let bent = try Bent(keys: [])
        bent.card.intercept = { (command) throws(ChannelError) in command[1] == 0xFF ? [0x69, 0x85] : nil }
        let new = Array("112233445566778811223344556677881122334455667788".utf8)
        #expect(throws: TokenError.self) {
            try bent.token.changeAdministratorSecret(
                from: Array(SimulatedToken.managementKey.utf8).span.bytes, toOneBehindPIN: new.span.bytes)
        }
        bent.card.intercept = { _ in nil }
        let other = try bent.simulated.another()
        try other.login()
        // The Printed Information, which a listing does not show while the key is in it.
        let stored = other.channel.card.process([0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x09, 0x00])
        #expect(stored == [0x6A, 0x82])
        try other.loginAdministrator()
    }

    /// One refusal of a certificate, or of the metadata, ends no handle.
    @Test(arguments: [CardProfile.plain, .yubiKey57]) func aRefusedCertificateEndsNoHandle(_ profile: CardProfile)
        throws
    {
        let bent = try Bent(profile, keys: RealCardTests.p256)
        let objects = [Self.certificate, Self.key]
        #expect(Set(try bent.token.present(among: objects, areNamed: false)) == Set(objects))
        let revisions = objects.map { bent.token.revision(of: $0) }
        bent.clock.advance(milliseconds: 6_000)
        bent.card.intercept = { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x5F, 0xC1, 0x05], command) ? [0x6F, 0x00] : nil
        }
        _ = try bent.token.present(among: objects, areNamed: false)
        bent.card.intercept = { _ in nil }
        bent.clock.advance(milliseconds: 6_000)
        #expect(Set(try bent.token.present(among: objects, areNamed: false)) == Set(objects))
        #expect(objects.map { bent.token.revision(of: $0) } == revisions)
    }

    /// Label and serial number that were refused are asked for again, and the card is no other one for it.
    @Test(arguments: [[0x5F, 0xC1, 0x02], [0x5F, 0xC1, 0x05]] as [[UInt8]])
    func whoTheCardIsIsAskedAgain(_ tag: [UInt8]) throws {
        let bent = try Bent(.plain, keys: RealCardTests.p256)
        let expected = try bent.simulated.another().token.information()
        bent.card.intercept = { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: tag, command) ? [0x6F, 0x00] : nil
        }
        _ = try bent.token.information()
        try bent.login()
        bent.card.intercept = { _ in nil }
        bent.clock.advance(milliseconds: 6_000)
        let told = try bent.token.information()
        #expect(told.serialNumber == expected.serialNumber && told.label == expected.label)
        bent.simulated.channel.meanwhile = Interference.resets.act(on:)
        #expect(try bent.signsRight(0x9A))
    }

    /// A YubiKey that does not tell its number for once is no other card.
    @Test func aSerialNumberRefusedOnceEndsNoLogin() throws {
        let bent = try Bent(keys: RealCardTests.p256, isIdentified: false)
        _ = try bent.token.information()
        try bent.login()
        bent.simulated.channel.meanwhile = Interference.resets.act(on:)
        var isFirst = true
        bent.card.intercept = { (command) throws(ChannelError) in
            guard command[1] == 0xF8, isFirst else { return nil }
            isFirst = false
            return [0x6F, 0x00]
        }
        _ = try? bent.sign(0x9A)
        #expect(try bent.signsRight(0x9A))
    }

    /// CACs refuse the Discovery Object: the logout is theirs all the same, and the tries cost one command.
    @Test func aRefusedDiscoveryObjectCostsNoLogout() throws {
        let bent = try Bent(.plain, keys: RealCardTests.p256) { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x7E], command) ? [0x6A, 0x80] : nil
        }
        _ = try bent.token.present(among: [Self.certificate], areNamed: false)
        try bent.login()
        bent.clock.advance(milliseconds: 6_000)
        let before = bent.card.sent.count
        bent.token.logout()
        #expect(bent.card.sent.dropFirst(before).map { [$0[1], $0[2]] } == [[0x20, 0xFF]])
        bent.clock.advance(milliseconds: 6_000)
        for _ in 0..<3 {
            let counted = bent.card.sent.count
            #expect(try bent.token.pinStatus().retriesLeft == 3)
            #expect(!bent.card.sent.dropFirst(counted).contains { $0[1] == 0xA4 })
            bent.clock.advance(milliseconds: 6_000)
        }
        let counted = bent.card.sent.count
        #expect(try bent.token.pinStatus().retriesLeft == 3)
        #expect(bent.card.sent.count == counted + 1)
    }

    /// The new PIN's way to the card was lost: neither value is sent unasked.
    @Test func aChangeWhoseAnswerWasLostEndsTheLogin() throws {
        let bent = try Bent(keys: RealCardTests.p256)
        #expect(try bent.token.present(among: [Self.key], areNamed: false) == [Self.key])
        try bent.login()
        bent.card.intercept = { (command) throws(ChannelError) in
            guard command[1] == 0x24 else { return nil }
            _ = bent.simulated.channel.card.process(command)
            throw .transmissionFailed
        }
        #expect(throws: TokenError.self) {
            try bent.token.changePIN(from: Array("123456".utf8).span.bytes, to: Array("654321".utf8).span.bytes)
        }
        bent.card.intercept = { _ in nil }
        bent.simulated.channel.meanwhile = Interference.resets.act(on:)
        #expect(throws: TokenError.notLoggedIn) { try bent.sign(0x9A) }
        bent.simulated.channel.meanwhile = nil
        #expect(try bent.simulated.another().token.pinStatus().retriesLeft == 3)
    }

    /// A Key History that cannot be parsed is read once for a listing, and not for each of the twenty places.
    @Test func whatCannotBeParsedIsReadOnce() throws {
        let bent = try Bent(.plain, keys: RealCardTests.p256) { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x5F, 0xC1, 0x0C], command) ? [0x70, 0x01, 0x00, 0x90, 0x00] : nil
        }
        _ = try bent.token.present(among: bent.token.catalogue.map(\.reference), areNamed: false)
        #expect(bent.card.sent.count { RealCardTests.isGetData(of: [0x5F, 0xC1, 0x0C], $0) } <= 2)
    }

    /// The PUK gives the application's own PIN a new value. A card that wants the Global PIN has nothing of that.
    @Test func thePUKIsNotSpentOnAnotherPIN() throws {
        // Discovery Object: both PINs, the Global one preferred.
        let discovery: [UInt8] =
            [0x7E, 0x12, 0x4F, 0x0B] + PIVCard.applicationIdentifier + [0x01, 0x00, 0x5F, 0x2F, 0x02, 0x60, 0x20]
        let bent = try Bent(.plain, keys: RealCardTests.p256) { (command) throws(ChannelError) in
            RealCardTests.isGetData(of: [0x7E], command) ? discovery + [0x90, 0x00] : nil
        }
        #expect(throws: TokenError.unsupported) {
            try bent.token.unblockPIN(with: Array("12345678".utf8).span.bytes, to: Array("222222".utf8).span.bytes)
        }
        #expect(!bent.card.sent.contains { $0[1] == 0x2C })
    }

    /// A key that is told of without its public half, under the certificate of another place: that is left alone.
    @Test func aCertificateThatCannotBeComparedIsKept() throws {
        let info = try PrivateKey.generate(.ec(.p256)).pkcs8()
        let bent = try Bent(keys: [.init(reference: 0x9A, imported: info), .init(reference: 0x82, imported: info)]) {
            (command) throws(ChannelError) in
            // Algorithm, policies and origin of 82, and no public key.
            command[1] == 0xF7 && command[3] == 0x82
                ? [0x01, 0x01, 0x11, 0x02, 0x02, 0x02, 0x01, 0x03, 0x01, 0x02, 0x90, 0x00] : nil
        }
        let der = try bent.token.value(of: Self.certificate)
        try bent.loginAdministrator()
        try bent.token.writeContainer(der, of: PIVKeyReference(rawValue: 0x82))
        #expect(try bent.token.unfinishedChanges() == [])
    }

    /// What a card answers to a cipher that it has not, when it is first asked for a witness.
    @Test(arguments: [0x6A88, 0x6A82, 0x6F00, 0x6A80, 0x6D00] as [UInt16])
    func anotherCipherIsTriedAfterAnyRefusal(_ status: UInt16) throws {
        let bent = try Bent(keys: []) { (command) throws(ChannelError) in
            if command[1] == 0xF7 { return [0x6D, 0x00] }
            return command[1] == 0x87 && command[2] == 0x03 ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
        }
        try bent.loginAdministrator()
    }

    @Test(arguments: [([3, 4, 9], false), ([4, 3, 5], true), ([5, 7, 1], true)] as [([UInt8], Bool)])
    func p384CameWithFirmwareFour(_ version: [UInt8], _ isOffered: Bool) throws {
        let bent = try Bent(keys: []) { (command) throws(ChannelError) in
            command[1] == 0xFD ? version + [0x90, 0x00] : nil
        }
        #expect(try bent.token.keyAlgorithms(at: Self.key).contains(.ec(.p384)) == isOffered)
    }

    /// A list of algorithms that names secure messaging alone tells nothing of keys.
    @Test func aListOfOtherAlgorithmsTellsNothing() throws {
        let template: [UInt8] =
            [
                0x61, 0x19, 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07, 0x4F, 0x05, 0xA0, 0x00, 0x00,
                0x03,
            ]
            + [0x08, 0xAC, 0x06, 0x80, 0x01, 0x27, 0x06, 0x01, 0x00]
        #expect(ApplicationProperties(parsing: template).identity == .piv)
        #expect(ApplicationProperties(parsing: template).algorithms.isEmpty)
    }

    /// A certificate without tag 70 around it is one.
    @Test func aBareCertificateIsRead() throws {
        let der = WritingTests.certificates[0]
        #expect(CertificateContainer.certificate(in: der).map { $0.starts(with: der) } == true)
    }
}

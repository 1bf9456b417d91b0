import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// The power goes before, and after, each command of a change that takes several.
@Suite("Power that goes in the middle of a change") struct PowerLossTests {
    static let changes: [(name: String, change: @Sendable (PIVToken) throws -> Void)] = [
        (
            "generate",
            { _ = try $0.generateKeyPair(.ec(.p256), at: NewKeyTests.authentication, KeyRequest()) }
        ),
        (
            "import",
            { token in
                let info = try NewKeyTests.privateKeyInfo(.ec(.p256))
                try token.importPrivateKey(info.span.bytes, at: NewKeyTests.authentication, KeyRequest())
            }
        ),
        (
            "move",
            { try $0.moveKey(from: NewKeyTests.authentication, to: NewKeyTests.place(0x82)) }
        ),
        (
            "certificate",
            { token in
                let own = try token.subjectPublicKeyInfo(of: NewKeyTests.authentication)
                guard let der = PowerLossTests.replacements[own] else { return }
                try token.write(der, to: ObjectReference(.certificate, 0x9A))
            }
        ),
    ]

    /// Another certificate for a key, by its public key.
    private static let key = try? PrivateKey.generate(.ec(.p256))
    static let replacements: [[UInt8]: [UInt8]] = {
        guard let key, let der = try? WritingTests.certificate(key, "another") else { return [:] }
        return [key.publicKey.subjectPublicKeyInfo: der]
    }()

    /// What is in the places of a change: the key, and the certificate's public key.
    struct Place: Hashable {
        let key: [UInt8]?
        let certificate: [UInt8]?

        init(_ token: PIVToken, _ number: UInt32) throws {
            let present = try token.present(among: [NewKeyTests.place(number)], areNamed: true)
            key = present.isEmpty ? nil : try token.subjectPublicKeyInfo(of: NewKeyTests.place(number))
            let certificate = ObjectReference(.certificate, number)
            let isThere = try !token.present(among: [certificate], areNamed: true).isEmpty
            self.certificate = isThere ? try token.value(of: certificate) : nil
        }
    }

    @Test(arguments: changes.indices, [CardProfile.yubiKey57, .yubiKeyShort])
    func aBrokenWriteLeavesTheOldTheNewOrARepairableKey(_ index: Int, _ profile: CardProfile) throws {
        let info = try #require(Self.key).pkcs8()
        var isBrokenOff = true
        var count = 0
        while isBrokenOff {
            for isLastDone in [false, true] {
                let simulated = try SimulatedToken(
                    profile, keys: [.init(reference: 0x9A, imported: info)], isIdentified: false)
                let old = try [0x9A, 0x82].map { try Place(simulated.another().token, $0) }
                try simulated.loginAdministrator()
                simulated.channel.cutPower(after: count, isLastDone: isLastDone)
                let outcome = Result { try Self.changes[index].change(simulated.token) }
                if case .success = outcome { isBrokenOff = false }
                simulated.channel.restorePower()
                try check(
                    simulated.another(), old, isDone: !isBrokenOff, "\(Self.changes[index].name), \(count) commands")
            }
            count += 1
        }
        #expect(count > 2)
    }

    private func check(
        _ simulated: SimulatedToken, _ old: [Place], isDone: Bool, _ comment: Comment
    ) throws {
        let found = try [0x9A, 0x82].map { try Place(simulated.token, $0) }
        let unfinished = try simulated.token.unfinishedChanges()
        // A key is never lost.
        #expect(found.contains { $0.key != nil }, comment)
        if isDone { #expect(unfinished.isEmpty, comment) }
        if found != old, unfinished.isEmpty {
            // The new ones: every certificate is its key's, and no key is left twice.
            #expect(found.count { $0.key != nil } == 1, comment)
        }
        try simulated.loginAdministrator()
        try simulated.token.finishChanges()
        #expect(try simulated.token.unfinishedChanges().isEmpty, comment)
        for number in [0x9A, 0x82] as [UInt32] {
            let place = try Place(simulated.another().token, number)
            guard let der = place.certificate else { continue }
            #expect(try Certificate(der: der).subjectPublicKeyInfo == place.key, comment)
        }
    }
}

import ISO7816
import Platform
import Testing
import Token
import VirtualCard

@testable import PIV

/// Another card stands in the reader, and nobody was told of it: nothing that was kept for the first one is sent to it.
@Suite struct SwappedCardTests {
    private static let key = ObjectReference(.privateKey, 0x9A)

    /// What this process did with the first card, and does with the next.
    struct Job: Sendable, CustomTestStringConvertible {
        let name: String
        let profile: CardProfile
        /// Of the first card. The second has keys of its own in the same places.
        let keys: [CardBuilder.KeyPlan]
        var isIdentified = true
        var before: @Sendable (RealCardTests.Bent) throws -> Void
        var after: @Sendable (RealCardTests.Bent) throws -> Void
        /// What the second card answers in the place of the simulator.
        var answering: @Sendable ([UInt8]) -> [UInt8]? = { _ in nil }

        var testDescription: String { name }
    }

    private static func find(_ bent: RealCardTests.Bent) throws {
        let all = bent.token.catalogue.map(\.reference).filter { $0.kind != .data }
        _ = try bent.token.present(among: all, areNamed: false)
    }

    static let jobs = [
        Job(
            name: "plain card, never asked for its number", profile: .plain, keys: RealCardTests.p256,
            before: {
                try $0.login()
                try find($0)
            }, after: { _ = try $0.sign(0x9A) }),
        Job(
            name: "plain cards without a CHUID", profile: .plain, keys: RealCardTests.p256, isIdentified: false,
            before: {
                _ = try $0.token.information()
                try $0.login()
            }, after: { _ = try $0.sign(0x9A) }),
        Job(
            name: "YubiKeys, and the second refuses its metadata", profile: .yubiKey57, keys: RealCardTests.p256,
            before: {
                try $0.login()
                try find($0)
            }, after: { _ = try $0.sign(0x9A) }, answering: { $0[1] == 0xF7 ? [0x6D, 0x00] : nil }),
        Job(
            name: "a PUK that was kept", profile: .yubiKey57, keys: RealCardTests.p256,
            before: {
                _ = try $0.token.information()
                let code = Array("12345678".utf8)
                try $0.token.loginAdministrator(secret: code.span.bytes)
            }, after: { try SecretTests.initialize($0.token, "222222") }),
        Job(
            name: "the factory's PUK of the second", profile: .yubiKey57, keys: RealCardTests.p256,
            before: {
                _ = try $0.token.information()
                let key = Array(SimulatedToken.managementKey.utf8)
                try $0.token.loginAdministrator(secret: key.span.bytes)
            }, after: { try SecretTests.initialize($0.token, "222222") }),
    ]

    @Test(arguments: jobs) func nothingKeptIsSentToAnotherCard(_ job: Job) throws {
        let bent = try RealCardTests.Bent(job.profile, keys: job.keys, isIdentified: job.isIdentified)
        try job.before(bent)
        let other = try SimulatedToken(
            job.profile, keys: job.keys, isIdentified: job.isIdentified, serialNumber: 7_654_321)
        _ = other.channel.card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
        let before = other.channel.log.count
        bent.card.intercept = { (command) throws(ChannelError) in
            if let answer = job.answering(command) { return answer }
            return try other.channel.transmit(command.span.bytes)
        }
        #expect(throws: TokenError.self) { try job.after(bent) }
        let sent = other.channel.log.dropFirst(before).map(\.command)
        // VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER with data.
        #expect(!sent.contains { [0x20, 0x24, 0x2C].contains($0[1]) && $0.count > 5 })
        #expect(try other.token.pinStatus().retriesLeft ?? 3 == 3)
    }
}

import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// How an application is brought to where it can be terminated.
@Suite struct ResetTests {
    /// A card that takes passwords as PIN blocks, and loses its verified state when it is selected again.
    private final class BlockCard: CardChannel {
        private let channel: VirtualCardChannel
        private let takesBlocks: Bool
        private(set) var commands: [[UInt8]] = []

        init(_ channel: VirtualCardChannel, takesBlocks: Bool) {
            self.channel = channel
            self.takesBlocks = takesBlocks
        }

        var answerToReset: [UInt8] { channel.answerToReset }
        var limits: ChannelLimits { channel.limits }

        func beginTransaction() throws(ChannelError) -> CardContinuity { try channel.beginTransaction() }
        func endTransaction() { channel.endTransaction() }

        func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
            let bytes = [UInt8](command)
            commands.append(bytes)
            if bytes[1] == 0xA4 { channel.card.reset() }
            var answer = try channel.transmit(command)
            guard takesBlocks, bytes[1] == 0xCA else { return answer }
            // DO C4: the lengths of PW1, resetting code and PW3, of which the highest bit says that it is a block.
            let status: [UInt8] = [0x7F, 0x7F, 0x7F]
            // DO C0: the ninth byte tells that there can be blocks.
            for start in answer.indices.dropLast(10) where answer[start..<start + 2].elementsEqual([0xC0, 0x0A]) {
                answer[start + 10] = 1
            }
            for start in answer.indices.dropLast(3) where answer[start..<start + 3].elementsEqual(status) {
                for index in start..<start + 3 { answer[index] = 0x88 }
            }
            return answer
        }
    }

    private func open(_ card: SimulatedOpenPGPCard, takesBlocks: Bool) throws -> (BlockCard, OpenPGPToken) {
        let channel = BlockCard(card.channel, takesBlocks: takesBlocks)
        return (channel, try #require(try OpenPGPToken.open(Card(channel: channel))))
    }

    /// The right PW3 is enough: nothing is blocked for it, so without power in between all passwords are as they were.
    @Test func theLoginWithPW3IsNotLost() throws {
        let card = try SimulatedOpenPGPCard()
        let (channel, token) = try open(card, takesBlocks: false)
        try token.loginAdministrator("12345678")
        let count = channel.commands.count
        try token.reset(administratorSecret: nil)
        let sent = channel.commands.dropFirst(count).map { $0[1] }
        #expect(Array(sent.prefix(3)) == [0xCA, 0xE6, 0x44])
        #expect(!sent.contains(0x20))
    }

    /// What is sent until the passwords are blocked is of the form that the card compares: eight digits in a block.
    @Test func blocksAreExhausted() throws {
        let (channel, token) = try open(SimulatedOpenPGPCard(), takesBlocks: true)
        try token.reset(administratorSecret: nil)
        let tries = channel.commands.filter { $0[1] == 0x20 && $0.count > 5 }
        // Three that are wrong, and one that tells that it is blocked.
        #expect(tries.count == 8)
        #expect(
            tries.allSatisfy {
                $0.count == 13 && $0[5] == 0x28 && $0[6...9].allSatisfy { $0 >> 4 < 10 && $0 & 15 < 10 }
            })
    }

    /// A reset that was broken off after TERMINATE DF goes on, in the process that knew the application alive and in another.
    @Test(arguments: [false, true]) func aTerminatedApplicationIsActivated(_ isKnown: Bool) throws {
        let card = try SimulatedOpenPGPCard(keys: [.init(slot: "sig", algorithm: "p256")])
        try card.token.loginAdministrator("12345678")
        #expect(card.channel.card.process([0x00, 0xE6, 0x00, 0x00]) == [0x90, 0x00])
        let token = isKnown ? card.token : try card.another()
        try token.reset(administratorSecret: nil)
        #expect(try token.content(of: SimulatedOpenPGPCard.place(1)) == .nothing)
        try card.another().login("123456")
    }

    /// Hashed passwords are exhausted by hashes.
    @Test func derivedPasswordsAreExhausted() throws {
        let card = try SimulatedOpenPGPCard(keys: [.init(slot: "aut", algorithm: "p256")])
        try card.token.loginAdministrator("12345678")
        func salt(_ tag: UInt8) -> [UInt8] { [tag, 8] + [UInt8](repeating: tag, count: 8) }
        func hash(_ tag: UInt8) -> [UInt8] { [tag, 32] + [UInt8](repeating: tag, count: 32) }
        let derivation: [UInt8] =
            [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 1, 0] + salt(0x84) + salt(0x85) + salt(0x86) + hash(0x87)
            + hash(0x88)
        let put = [0x00, 0xDA, 0x00, 0xF9, UInt8(derivation.count)] + derivation
        #expect(card.channel.card.process(put) == [0x90, 0x00])
        let other = try card.another()
        card.channel.clearLog()
        try other.reset(administratorSecret: nil)
        let tries = card.channel.log.filter { $0.command[1] == 0x20 && $0.command.count > 5 }
        #expect(tries.count == 8 && tries.allSatisfy { $0.command.count == 5 + 32 })
        try card.another().login("123456")
        #expect(try card.another().content(of: SimulatedOpenPGPCard.place(3)) == .nothing)
    }
}

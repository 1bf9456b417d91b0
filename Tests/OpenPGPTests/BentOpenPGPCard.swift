import ISO7816
import Platform
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// A card between which and this process somebody sits who may answer in its place.
final class BentOpenPGPCard: CardChannel {
    /// The card, or another one that was put in its place.
    var channel: VirtualCardChannel
    /// Answers a command in the card's place, or lets it through with nil.
    var bend: ([UInt8]) -> [UInt8]? = { _ in nil }
    /// Changes what the card has answered.
    var change: (_ command: [UInt8], _ answer: [UInt8]) -> [UInt8] = { $1 }
    /// Every command that was sent.
    private(set) var sent: [[UInt8]] = []
    /// What begins the next transactions.
    var continuity = CardContinuity.kept

    init(_ profile: CardProfile = .openPGP34, keys: [(String, String)] = [("sig", "p256"), ("aut", "ed25519")]) throws {
        let plans = keys.map { CardBuilder.OpenPGPKeyPlan(slot: $0.0, algorithm: $0.1) }
        channel = try SimulatedOpenPGPCard(profile, keys: plans).channel
    }

    var answerToReset: [UInt8] { channel.answerToReset }
    var limits: ChannelLimits { channel.limits }
    var pinPad: (any PINPad)? { channel.pinPad }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        defer { continuity = .kept }
        return try channel.beginTransaction() == .reset ? .reset : continuity
    }

    func endTransaction() { channel.endTransaction() }

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let bytes = [UInt8](command)
        sent.append(bytes)
        if let answer = bend(bytes) { return answer }
        return change(bytes, try channel.transmit(command))
    }

    /// A token of this card, or of another process.
    func open(_ time: TestTime = TestTime()) throws -> OpenPGPToken {
        try #require(try OpenPGPToken.open(Card(channel: self)) { time.milliseconds })
    }

    /// A token of another process, to which nobody answers in the card's place.
    func another() throws -> OpenPGPToken { try #require(try OpenPGPToken.open(Card(channel: channel))) }

    /// Another program resets the card.
    func reset() {
        channel.card.reset()
        continuity = .reset
    }

    /// Forgets the commands seen so far.
    func clearSent() { sent = [] }

    /// Changes a part of the related data, without changing any length.
    func changeRelated(_ old: [UInt8], to new: [UInt8]) {
        change = { command, answer in
            guard command[1...3] == [0xCA, 0x00, 0x6E] else { return answer }
            return answer.replacing(old, by: new)
        }
    }

    /// Has SELECT tell the card's identifier, as many cards do.
    func tellIdentifier() {
        let rest = change
        change = { [channel] command, answer in
            guard command[1] == 0xA4, answer == [0x90, 0x00] else { return rest(command, answer) }
            let identifier = channel.card.process([0x00, 0xCA, 0x00, 0x4F, 0x00]).dropLast(2)
            return [UInt8](tag: 0x6F, children: [UInt8](tag: 0x84, identifier)) + [0x90, 0x00]
        }
    }
}

extension VirtualCard {
    /// Makes PW1 valid for one signature (0) or for several (1), as another program does.
    func setSignaturesPerPIN(_ value: UInt8) {
        for command in [
            [0x00, 0xA4, 0x04, 0x00, 0x06, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01],
            [0x00, 0x20, 0x00, 0x83, 0x08] + Array("12345678".utf8), [0x00, 0xDA, 0x00, 0xC4, 0x01, value],
        ] as [[UInt8]] {
            #expect(process(command).suffix(2) == [0x90, 0x00])
        }
        reset()
    }
}

extension [UInt8] {
    /// The same with some bytes in place of as many others, wherever these stand.
    func replacing(_ old: [UInt8], by new: [UInt8]) -> [UInt8] {
        var bytes = self
        guard count >= old.count else { return bytes }
        for start in 0...count - old.count where bytes[start..<start + old.count].elementsEqual(old) {
            bytes.replaceSubrange(start..<start + old.count, with: new)
        }
        return bytes
    }
}

/// The token's clock, which goes on when the test says so.
final class TestTime: Sendable {
    private let time = Guarded(1_000_000)

    var milliseconds: Int { time.withLock { $0 } }

    func advance(milliseconds: Int) { time.withLock { $0 += milliseconds } }
}

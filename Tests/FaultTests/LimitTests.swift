import HostCrypto
import ISO7816
import OpenPGP
import PIV
import Testing

/// The limits on what a card can make the host do. Each is tried at the limit and beyond it.
@Suite struct LimitTests {
    /// The certificate in a compressed container: 64 KiB.
    @Test(arguments: [(65_536, true), (65_537, false), (1 << 23, false)])
    func compressedCertificates(_ count: Int, _ isRead: Bool) throws {
        let stream = try Gzip.deflate([UInt8](repeating: 0, count: count))
        let value = [UInt8](tag: 0x70, stream) + [0x71, 0x01, 0x01]
        #expect((CertificateContainer.certificate(in: value) != nil) == isRead)
    }

    /// A certificate that is read at all: 64 KiB.
    @Test func certificates() {
        let long = [UInt8](tag: 0x30, [UInt8](repeating: 0, count: 65_537))
        #expect(throws: HostCryptoError.limitExceeded) { try Certificate(der: long) }
    }

    /// What a password is hashed with: the most that OpenPGP's own coding of the count can say.
    @Test(arguments: [
        ([0x03, 0xE0, 0x00, 0x00], true), ([0x03, 0xE0, 0x00, 0x01], false), ([0xFF, 0xFF, 0xFF, 0xFF], false),
    ])
    func derivations(_ count: [UInt8], _ isUsed: Bool) {
        let salt = [UInt8](repeating: 1, count: 8)
        let object: [UInt8] = [0x81, 0x01, 0x03, 0x82, 0x01, 0x08, 0x83, 0x04] + count + [UInt8](tag: 0x84, salt)
        #expect((KeyDerivation(parsing: object) != .unknown) == isUsed)
    }

    /// One answer in all its parts: 64 KiB, in at most so many parts, and few that bring next to nothing.
    @Test(arguments: [(256, 256, true), (256, 300, false), (255, 263, false), (1, 16, true), (1, 18, false)])
    func answers(_ size: Int, _ parts: Int, _ isRead: Bool) throws {
        let channel = PartsChannel(size: size, parts: parts)
        let answer = Result {
            try Card(channel: channel).transaction { exchange in
                try? exchange.send(CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF), ne: 65_536).data.count
            }
        }
        #expect(try answer.get() == (isRead ? size * parts : nil))
        #expect(channel.sent <= CardExchange.maximumRounds + 1)
    }

    /// Objects within objects cost no stack: each is read when somebody asks for it.
    @Test func nesting() throws {
        let bytes = (0..<20_000).reduce(into: [UInt8]()) { bytes, _ in bytes = [0x30, 0x83, 0, 0, 0] + bytes }
        var reader = TLVReader(bytes)
        #expect(try reader.next()?.value.isEmpty == true)
    }
}

/// An answer in equal parts.
private final class PartsChannel: CardChannel {
    let answerToReset: [UInt8] = [0x3B, 0x00]
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private let size, parts: Int
    private(set) var sent = 0

    init(size: Int, parts: Int) {
        self.size = size
        self.parts = parts
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity { .kept }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        sent += 1
        return [UInt8](repeating: 1, count: size) + (sent < parts ? [0x61, 0x00] : [0x90, 0x00])
    }
}

import APDU
import Certificates
import HostCrypto
import ISO7816
import Keys
import Token

/// The card of the toy application, in the process of the test.
final class ToyCard: CardChannel {
    let answerToReset: [UInt8] = [0x3B, 0x00]
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private let key: PrivateKey
    private let certificate: [UInt8]
    private var (isSelected, isVerified, triesLeft) = (false, false, UInt8(3))
    private var (chain, rest): ([UInt8], [UInt8]) = ([], [])
    var instructions: [UInt8] = []
    var isReset = false

    init() throws {
        key = try PrivateKey.generate(.rsa(bits: 2048))
        let time = CalendarTime(year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0)
        certificate = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Toy"), serialNumber: [1], notBefore: time, notAfter: time
        ).selfSigned(by: key)
    }

    var publicKey: PublicKey { key.publicKey }

    func endTransaction() {}

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        guard isReset else { return .kept }
        (isReset, isSelected, isVerified) = (false, false, false)
        return .reset
    }

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        guard let command = CommandAPDU(parsing: command.withUnsafeBytes { [UInt8]($0) }) else { return [0x67, 0x00] }
        instructions.append(command.header.ins)
        if command.header.cla & CommandHeader.chainingBit != 0 {
            chain += command.data
            return [0x90, 0x00]
        }
        let data = chain + command.data
        chain = []
        return answer(command.header, data)
    }

    private func answer(_ header: CommandHeader, _ data: [UInt8]) -> [UInt8] {
        if header.ins == 0xA4 {
            isSelected = data == ToyToken.applicationIdentifier
            return isSelected ? [0x90, 0x00] : [0x6A, 0x82]
        }
        guard isSelected else { return [0x6D, 0x00] }
        switch header.ins {
        case 0xCA: return give(certificate)
        case 0xC0: return give(rest)
        case 0x20: return verify(data)
        case 0x2A:
            guard isVerified else { return [0x69, 0x82] }
            return (try? key.rsaPrivateOperation(data)).map { give($0) } ?? [0x6A, 0x80]
        default: return [0x6D, 0x00]
        }
    }

    private func verify(_ pin: [UInt8]) -> [UInt8] {
        if pin.isEmpty { return isVerified ? [0x90, 0x00] : [0x63, 0xC0 | triesLeft] }
        guard triesLeft > 0 else { return [0x69, 0x83] }
        isVerified = pin == Array("1234".utf8)
        triesLeft = isVerified ? 3 : triesLeft - 1
        return isVerified ? [0x90, 0x00] : [0x63, 0xC0 | triesLeft]
    }

    private func give(_ bytes: [UInt8]) -> [UInt8] {
        rest = Array(bytes.dropFirst(256))
        return bytes.prefix(256) + (rest.isEmpty ? [0x90, 0x00] : [0x61, UInt8(rest.count > 255 ? 0 : rest.count)])
    }
}

extension ToyCard: @unchecked Sendable {}

/// A reader with the toy card in it.
final class ToyReader: TokenSource {
    let card: ToyCard

    init(_ card: ToyCard) { self.card = card }

    func readers() -> [ReaderPresence] { [ReaderPresence(name: "Toy reader", insertion: 1)] }
    func waitForChange(since known: [ReaderPresence]) -> Bool { false }
    func stopWaiting() {}
    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        guard let token = try ToyToken(Card(channel: card)) else { throw .notRecognised }
        return CardContents([token])
    }
}

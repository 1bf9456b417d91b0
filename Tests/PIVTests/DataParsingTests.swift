import CardApplication
import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// Data objects of PIV cards, value by value: what a number in them says, and what it does not.
@Suite struct DataParsingTests {
    /// Agency codes of card that have the same FASC-N as all others: 9999 (no federal agency), 0000 (pivy), zeros (Token2). A
    /// code beside them is a number. Two bits more than a code has stand in the last byte, of the system code.
    @Test(
        arguments: [
            ([0xD4, 0xE7, 0x39, 0xDA], false), ([0xD4, 0xE7, 0x38, 0xDA], true), ([0xD4, 0xE6, 0x39, 0xDA], true),
            ([0xD0, 0x42, 0x10, 0x84], false), ([0xD0, 0x42, 0x11, 0x84], false), ([0xD0, 0x42, 0x12, 0x84], true),
            ([0xD1, 0x42, 0x10, 0x84], true), ([0x00, 0x00, 0x00, 0x01], true),
        ] as [([UInt8], Bool)])
    func anAgencyCodeIsANumber(_ start: [UInt8], _ isNumber: Bool) {
        let fascN = start + [UInt8](repeating: 0x21, count: 21), guid = [UInt8](1...16)
        let identifier = CardholderUniqueIdentifier(parsing: [UInt8](tag: 0x30, fascN) + [UInt8](tag: 0x34, guid))
        #expect(identifier.fascN == (isNumber ? fascN : nil))
        #expect(identifier.guid == guid)
        let cut = CardholderUniqueIdentifier(parsing: [UInt8](tag: 0x30, fascN.dropLast()) + [UInt8](tag: 0x34, guid))
        #expect(cut.fascN == nil && cut.guid == guid)
    }

    /// C1 and C2 of the Key History, and the retired keys of which it tells: the first ones, and the last ones.
    @Test(
        arguments: [
            ([0xC1, 1, 2, 0xC2, 1, 3], [1, 2, 18, 19, 20]), ([0xC1, 1, 0, 0xC2, 1, 1], [20]),
            ([0xC1, 1, 0, 0xC2, 1, 0], []), ([0xC1, 1, 3], [1, 2, 3]), ([0xC1, 1, 19, 0xC2, 1, 1], Array(1...20)),
            ([0xC1, 1, 21, 0xC2, 1, 0], Array(1...20)), ([0xC1, 1, 0, 0xC2, 1, 255], Array(1...20)),
            ([0xC1, 1, 18, 0xC2, 1, 1], Array(1...18) + [20]),
        ] as [([UInt8], [Int])])
    func theHistoryTellsOfKeys(_ value: [UInt8], _ told: [Int]) throws {
        let history = try #require(KeyHistory(parsing: value))
        #expect((1...20).filter { history.tells(of: $0) } == told)
        // What it says of certificates elsewhere outlasts a key that is made.
        let written = KeyHistory.value(upTo: 4, in: value)
        let again = try #require(KeyHistory(parsing: written))
        #expect(again.keysWithOnCardCertificates == 4)
        #expect(again.keysWithOffCardCertificates == history.keysWithOffCardCertificates)
    }

    /// CertInfo is wrong on some cards: the certificate is there whatever it says, packed or not.
    @Test(arguments: [0x00, 0x01, 0x02, 0x03, 0x80, 0xFF] as [UInt8], [false, true])
    func aCertificateIsReadWhateverItsInfo(_ info: UInt8, _ isPacked: Bool) throws {
        let certificate: [UInt8] = [0x30, 0x03, 0x02, 0x01, 0x07]
        let content = isPacked ? try Gzip.deflate(certificate) : certificate
        let container = [UInt8](tag: 0x70, content) + [0x71, 0x01, info, 0xFE, 0x00]
        #expect(CertificateContainer.certificate(in: container) == certificate)
    }

    /// An answer to GET DATA has tag 53, or the object's own one.
    @Test(arguments: [(0x53, true), (0x7E, true), (0x54, false), (0x70, false), (0x7F61, false)] as [(UInt32, Bool)])
    func anotherTagIsNoAnswer(_ tag: UInt32, _ isTaken: Bool) throws {
        let simulated = try SimulatedToken(.plain, keys: [])
        let card = InterceptedCard(simulated.channel)
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0xCB ? [UInt8](tag: tag, [0x4F, 0x01, 0x00]) + [0x90, 0x00] : nil
        }
        let read = Result {
            try Card(channel: card).commandTransaction { (exchange) throws(CardError) in
                try PIVCard(exchange).getData(.discovery)
            }
        }
        if isTaken {
            #expect(try read.get() == [0x4F, 0x01, 0x00])
        } else {
            #expect(throws: (any Error).self) { try read.get() }
        }
    }

    /// Another application of the card may answer VERIFY with tries of its own, and few: they are PIV's only once it was
    /// PIV that answered.
    @Test(arguments: [[0x63, 0xC1], [0x63, 0xC0], [0x69, 0x83]] as [[UInt8]])
    func fewTriesAreBelievedOnceTheApplicationIsProven(_ status: [UInt8]) throws {
        let simulated = try SimulatedToken(.plain)
        let card = InterceptedCard(simulated.channel)
        let clock = TestClock()
        let token = try #require(try PIVToken.open(Card(channel: card), clock: { clock.milliseconds }))
        // Which PIN the card wants is known from now on, so that nothing else is asked before the tries.
        #expect(try token.pinStatus().retriesLeft == 3)
        clock.advance(milliseconds: 6000)
        var isPIV = false
        card.intercept = { (command) throws(ChannelError) in
            if [0xA4, 0xCB].contains(command[1]) { isPIV = true }
            return command[1] == 0x20 && !isPIV ? status : nil
        }
        #expect(try token.pinStatus().retriesLeft == 3)
        #expect(isPIV)
    }

    /// Two CHUIDs are of one card where they tell the same number; that neither tells any makes no card this one.
    @Test func anIdentifierWithoutANumberIsNobodysElse() {
        let guid = [UInt8](tag: 0x34, [UInt8](1...16)), date = [UInt8](tag: 0x35, Array("20301231".utf8))
        let zeros = [UInt8](tag: 0x34, [UInt8](repeating: 0, count: 16))
        #expect(PIVIdentity(identifier: guid).matches(guid + date))
        #expect(!PIVIdentity(identifier: zeros).matches(zeros))
        #expect(!PIVIdentity(identifier: zeros).matches(zeros + date))
        #expect(!PIVIdentity(identifier: date).matches(zeros))
        #expect(!PIVIdentity(identifier: guid).matches(nil))
        #expect(!PIVIdentity(identifier: nil).matches(nil))
    }
}

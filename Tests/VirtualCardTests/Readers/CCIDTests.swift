import Testing

@testable import VirtualCard

/// The messages of CCID, as they come out of a token's bulk endpoints.
@Suite("The reader of a token")
struct CCIDTests {
    static let powerOn: [UInt8] = [0x62, 0, 0, 0, 0, 0, 7, 0, 0, 0]

    /// PC_to_RDR_XfrBlock.
    static func transfer(_ data: [UInt8], level: UInt8 = 0) -> [UInt8] {
        [0x6F] + USBPort.little(data.count, 4) + [0, 8, 0, level, 0] + data
    }

    private func powered(_ profile: CardProfile = .yubiKey57) throws -> USBPort {
        var port = try USBPort(profile)
        try port.greet()
        let answer = try port.exchange(Self.powerOn)
        #expect(
            answer == [0x80] + USBPort.little(profile.answerToReset.count, 4) + [0, 7, 0, 0, 0] + profile.answerToReset)
        return port
    }

    @Test func powerResetsTheCard() throws {
        var port = try powered()
        let select = try #require(bytes(hexadecimal: Say.select)), status = try #require(bytes(hexadecimal: Say.status))
        #expect(try port.exchange(Self.transfer(select)).suffix(2) == [0x90, 0x00])
        #expect(try port.exchange(Self.transfer(status)).suffix(2) == [0x63, 0xC3])
        _ = try port.exchange(Self.powerOn)
        #expect(try port.exchange(Self.transfer(status)).suffix(2) == [0x6D, 0x00])
        #expect(try port.exchange([0x63, 0, 0, 0, 0, 0, 1, 0, 0, 0]) == [0x81, 0, 0, 0, 0, 0, 1, 1, 0, 0])
        #expect(try port.exchange(Self.transfer(status)) == [0x80, 0, 0, 0, 0, 0, 8, 0x41, 0xFE, 0])
    }

    /// As pcscd's libccid sets a card up, and what it tries.
    @Test(
        arguments: [
            ("slot status", [0x65, 0, 0, 0, 0, 0, 3, 0, 0, 0], [0x81, 0, 0, 0, 0, 0, 3, 0, 0, 0]),
            ("no second slot", [0x65, 0, 0, 0, 0, 1, 3, 0, 0, 0], [0x81, 0, 0, 0, 0, 1, 3, 0x40, 5, 0]),
            (
                "parameters of T=1", [0x61, 7, 0, 0, 0, 0, 3, 1, 0, 0, 0x18, 0x10, 0, 0x45, 0, 0xFE, 0],
                [0x82, 7, 0, 0, 0, 0, 3, 0, 0, 1, 0x11, 0x10, 0, 0x4D, 0, 0xFE, 0]
            ),
            ("no PIN pad", [0x69, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0], [0x80, 0, 0, 0, 0, 0, 3, 0x40, 0, 0]),
            ("no escape", [0x6B, 0, 0, 0, 0, 0, 3, 0, 0, 0], [0x83, 0, 0, 0, 0, 0, 3, 0x40, 0, 0]),
            ("no such message", [0x10, 0, 0, 0, 0, 0, 3, 0, 0, 0], [0x81, 0, 0, 0, 0, 0, 3, 0x40, 0, 0]),
            ("no such level", [0x6F, 0, 0, 0, 0, 0, 3, 0, 9, 0], [0x80, 0, 0, 0, 0, 0, 3, 0x40, 8, 0]),
        ] as [(String, [UInt8], [UInt8])])
    func answers(_ name: String, _ message: [UInt8], _ expected: [UInt8]) throws {
        var port = try powered()
        #expect(try port.exchange(message) == expected, "\(name)")
    }

    /// An object in a command of three messages, and back in an answer of two.
    @Test func longAPDUsGoInPieces() throws {
        var port = try powered()
        let select = try #require(bytes(hexadecimal: Say.select))
        #expect(try port.exchange(Self.transfer(select)).suffix(2) == [0x90, 0x00])
        try port.card.authenticateAdministrator()
        let object: [UInt8] = [0x5C, 0x03, 0x5F, 0xC1, 0x05], content = [UInt8](repeating: 0x5A, count: 3060)
        let data = object + [0x53, 0x82] + [UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        let put = [0x00, 0xDB, 0x3F, 0xFF, 0x00, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
        let more = [0x80, 0, 0, 0, 0, 0, 8, 0, 0, 0x10] as [UInt8]
        #expect(try port.exchange(Self.transfer(Array(put[..<1000]), level: 1)) == more)
        #expect(try port.exchange(Self.transfer(Array(put[1000..<2000]), level: 3)) == more)
        #expect(try port.exchange(Self.transfer(Array(put[2000...]), level: 2)).suffix(2) == [0x90, 0x00])

        let get = [0x00, 0xCB, 0x3F, 0xFF, 0x00, 0x00, 0x05] + object + [0x00, 0x00]
        let first = try port.exchange(Self.transfer(get), pieces: 512)
        #expect(first.count == 3072 && first[9] == 1)
        let second = try port.exchange(Self.transfer([], level: 0x10))
        #expect(second[9] == 2)
        let answer = first.dropFirst(10) + second.dropFirst(10)
        #expect(answer.elementsEqual([0x53, 0x82, 0x0B, 0xF4] + content + [0x90, 0x00]))
    }
}

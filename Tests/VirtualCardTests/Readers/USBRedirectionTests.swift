import Testing

@testable import VirtualCard

@Suite("A token in a USB port of QEMU")
struct USBRedirectionTests {
    @Test func saysWhatItIs() throws {
        var port = try USBPort()
        try port.greet()
        #expect(port.received.map(\.kind) == [0, 4, 5, 1])
        let hello = port.received[0].content
        #expect(hello.count == 68 && hello[64] == 0b0111_0010)
        let interfaces = port.received[1].content
        #expect(interfaces.count == 4 + 4 * 32 && interfaces[0] == 1 && interfaces[4 + 32] == 0x0B)
        // Kinds of endpoints, 16 to the device and 16 from it: control, bulk to it, bulk and interrupt from it.
        let endpoints = port.received[2].content
        #expect(endpoints.count == 3 * 32 + 64)
        #expect(endpoints[0..<32].enumerated().filter { $0.element != 255 }.map(\.offset) == [0, 2, 16, 18, 19])
        #expect([0, 2, 16, 18, 19].map { endpoints[$0] } == [0, 2, 0, 2, 3])
        #expect([0, 2, 18, 19].map { endpoints[96 + 2 * $0] } == [64, 64, 64, 8])
        #expect(port.received[3].content == [1, 0, 0, 0, 0x50, 0x10, 0x04, 0x04, 0x70, 0x05])
    }

    /// As the kernel and libccid ask for them.
    @Test func descriptors() throws {
        var port = try USBPort()
        try port.greet()
        let device = try port.control(0x80, 6, 0x0100, 64)
        #expect(device.0 == 0 && device.1.count == 18 && device.1[0] == 18 && device.1[8...11] == [0x50, 0x10, 4, 4])
        #expect(try port.control(0x80, 6, 0x0100, 8).1 == Array(device.1.prefix(8)))
        let configuration = try port.control(0x80, 6, 0x0200, 255).1
        #expect(configuration.count == USBPort.number(configuration[2..<4]))
        // Each descriptor begins with its length: they fill the configuration, and are these.
        var kinds: [UInt8] = [], place = 0
        while place < configuration.count {
            kinds.append(configuration[place + 1])
            place += Int(configuration[place])
        }
        #expect(place == configuration.count && kinds == [2, 4, 0x21, 5, 5, 5])
        let reader = configuration.dropFirst(18).prefix(54)
        #expect(USBPort.number(reader[58..<62]) == 0x400FE && USBPort.number(reader[62..<66]) == 3072)
        let name = try port.control(0x80, 6, 0x0302, 255).1
        #expect(String(decoding: name.dropFirst(2).filter { $0 != 0 }, as: UTF8.self) == "YubiKey CCID")
        // A device qualifier, which a token of full speed has not, and a request that nobody knows.
        #expect(try port.control(0x80, 6, 0x0600, 10).0 == 4)
        #expect(try port.control(0xC0, 0x51, 0, 4).0 == 4)
        #expect(try port.control(0x02, 1, 0, 0).0 == 0)
        #expect(try port.send(6, [1]).map(\.content) == [[0, 1]])
        #expect(try port.send(9, [0, 0]).map(\.content) == [[0, 0, 0]])
    }

    @Test func aCardWithoutExtendedLengthHasAReaderOfShortAPDUs() throws {
        var port = try USBPort(.yubiKeyShort)
        try port.greet()
        let configuration = try port.control(0x80, 6, 0x0200, 255).1
        #expect(USBPort.number(configuration[58..<62]) == 0x200FE && USBPort.number(configuration[62..<66]) == 271)
    }

    @Test func interruptsTellOfTheCard() throws {
        var port = try USBPort()
        try port.greet()
        let answers = try port.send(15, [0x83])
        #expect(answers.map(\.kind) == [17, 103])
        #expect(answers.map(\.content) == [[0, 0x83], [0x83, 0, 2, 0, 0x50, 0x03]])
    }

    /// QEMU asks for a message before there is one, and takes its question back.
    @Test func requestsWaitAndAreCancelled() throws {
        var port = try USBPort()
        try port.greet()
        #expect(try port.send(101, [0x82, 0, 0, 4, 0, 0, 0, 0, 0, 0], id: 77) == [])
        #expect(try port.send(101, [0x82, 0, 0, 4, 0, 0, 0, 0, 0, 0], id: 78) == [])
        let cancelled = USBPort.Packet(kind: 101, id: 77, content: [0x82, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try port.send(21, [], id: 77) == [cancelled])
        #expect(try port.send(21, [], id: 77) == [])
        let status: [UInt8] = [0x65, 0, 0, 0, 0, 0, 9, 0, 0, 0]
        let answers = try port.send(101, [0x02, 0, 10, 0, 0, 0, 0, 0, 0, 0] + status)
        #expect(answers.map(\.content.first) == [0x02, 0x82])
        #expect(answers.last?.id == 78)
        #expect(answers.last?.content.dropFirst(10) == [0x81, 0, 0, 0, 0, 0, 9, 1, 0, 0])
    }

    @Test func isPulledOutAndPutBack() throws {
        var port = try USBPort()
        try port.greet()
        _ = try port.exchange(CCIDTests.powerOn)
        try port.take(port.token.pullOut() ?? [])
        #expect(port.received.last?.kind == 2)
        #expect(port.token.pullOut() == [])
        let before = port.received.count
        try port.take(port.token.putBack())
        #expect(port.received.dropFirst(before).map(\.kind) == [4, 5, 1])
        #expect(port.token.putBack() == [])
        // It had no power meanwhile.
        #expect(
            try port.exchange(CCIDTests.transfer([0x00, 0x20, 0x00, 0x80])).dropFirst(7).prefix(2) == [0x41, 0xFE])
    }

    /// Out while nobody is connected: it is not there when somebody comes.
    @Test func aTokenThatIsOutDoesNotAppear() throws {
        var port = try USBPort()
        #expect(port.token.pullOut() == [])
        try port.greet()
        #expect(port.received.map(\.kind) == [0])
        try port.take(port.token.putBack())
        #expect(port.received.map(\.kind) == [0, 4, 5, 1])
    }

    @Test func aConnectionThatComesBackBeginsAnew() throws {
        var port = try USBPort()
        for _ in 0..<2 { try port.greet() }
        #expect(port.received.map(\.kind) == [0, 4, 5, 1, 0, 4, 5, 1])
    }

    @Test(arguments: [
        ("nothing but a hello comes first", 1, []), ("a hello that is cut", 0, [UInt8](repeating: 0, count: 67)),
        ("no long ids", 0, [UInt8](repeating: 0, count: 64) + [0x52, 0, 0, 0]),
    ])
    func aWrongBeginningEndsTheConnection(_ name: String, _ kind: Int, _ content: [UInt8]) throws {
        var port = try USBPort()
        _ = port.token.open()
        #expect(throws: ReaderError.self, "\(name)") {
            try port.token.receive(USBPort.packet(kind: kind, id: [0, 0, 0, 0], content))
        }
    }

    @Test(arguments: [
        ("a second hello", 0, 68), ("a configuration without number", 6, 0), ("half a control request", 100, 9),
        ("half a bulk request", 101, 9), ("an endpoint without number", 15, 0), ("half a setting", 9, 1),
    ])
    func aPacketThatIsCutEndsTheConnection(_ name: String, _ kind: Int, _ count: Int) throws {
        var port = try USBPort()
        try port.greet()
        #expect(throws: ReaderError.self, "\(name)") { try port.send(kind, [UInt8](repeating: 0, count: count)) }
    }

    @Test func aPacketOfAGigabyteIsNotWaitedFor() throws {
        var port = try USBPort()
        try port.greet()
        #expect(throws: ReaderError.messageTooLong(0x4000_0010)) {
            try port.token.receive([101, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0])
        }
    }

    /// Whatever comes, in whatever pieces: an answer or an end, no trap. Packets of kinds that exist are more than chance has.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func anyBytes(_ seed: UInt64) throws {
        var generator = FuzzTests.Generator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        var port = try USBPort()
        try port.greet()
        for _ in 0..<200 {
            let kind =
                [0, 3, 6, 7, 9, 10, 15, 16, 21, 23, 24, 100, 101, 101, 101, 103].randomElement(using: &generator) ?? 0
            var content = (0..<Int.random(in: 0...48, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if kind == 101, !content.isEmpty { content[0] = [0x02, 0x82, 0x03].randomElement(using: &generator) ?? 0 }
            do { try port.send(kind, content) } catch is ReaderError { try port.greet() }
        }
    }

    @Test func cardsOfT0AreNoTokens() {
        #expect(
            USBRedirection(slot: CardSlot(card: VirtualCard(state: CardState(profile: .plain, serialNumber: 1)))) == nil
        )
    }
}

import Testing

@testable import VirtualCard

/// The end of a USB port that QEMU has: speaks usbredir with the token, in its own reading of the protocol.
struct USBPort {
    /// What came: the packet's kind, its id, and what follows.
    struct Packet: Equatable {
        let kind: Int
        let id: Int
        let content: [UInt8]
    }

    /// QEMU 7.2's capabilities, bulk streams aside.
    static let capabilities: [UInt8] = [0xFE, 0, 0, 0]

    let card: VirtualCard
    var token: USBRedirection
    private(set) var received: [Packet] = []
    private var lastID = 0
    private var isShort = true

    init(_ profile: CardProfile = .yubiKey57) throws {
        card = VirtualCard(state: CardState(profile: profile, serialNumber: 0x1234_5678))
        token = try #require(USBRedirection(slot: CardSlot(card: card)))
    }

    /// A connection, and the two hellos.
    mutating func greet(_ capabilities: [UInt8] = USBPort.capabilities) throws {
        isShort = true
        try take(token.open())
        let hello = Array("a test".utf8) + [UInt8](repeating: 0, count: 58) + capabilities
        let answer = try token.receive(Self.packet(kind: 0, id: Self.little(0, 4), hello))
        isShort = false
        try take(answer)
    }

    /// Sends a packet, and gives what comes back.
    @discardableResult
    mutating func send(_ kind: Int, _ content: [UInt8], id: Int? = nil) throws -> [Packet] {
        lastID += 1
        let before = received.count
        try take(token.receive(Self.packet(kind: kind, id: Self.little(id ?? lastID, 8), content)))
        return Array(received.dropFirst(before))
    }

    /// A message to the reader, and the one from it, which is asked for in pieces of `count` bytes.
    mutating func exchange(_ message: [UInt8], pieces count: Int = 65536) throws -> [UInt8] {
        let sent = try send(101, [0x02, 0] + Self.little(message.count, 2) + [0, 0, 0, 0, 0, 0] + message)
        #expect(sent.map(\.content) == [[0x02, 0] + Self.little(message.count, 2) + [0, 0, 0, 0, 0, 0]])
        var answer: [UInt8] = []
        while true {
            let piece = try #require(try read(count).first).content.dropFirst(10)
            answer += piece
            if piece.count < count || answer.count == 10 + Self.number(answer[1..<5]) { return answer }
        }
    }

    /// Asks for a message from the reader.
    mutating func read(_ count: Int) throws -> [Packet] {
        try send(101, [0x82, 0] + Self.little(count, 2) + [0, 0, 0, 0] + Self.little(count >> 16, 2))
    }

    /// A request at the control endpoint: its status and its data.
    mutating func control(_ type: UInt8, _ request: UInt8, _ value: Int, _ length: Int) throws -> (UInt8, [UInt8]) {
        let header = [type & 0x80, request, type, 0] + Self.little(value, 2) + [0, 0] + Self.little(length, 2)
        let answer = try #require(try send(100, header).first)
        #expect(answer.kind == 100)
        #expect(Self.number(answer.content[8..<10]) == answer.content.count - 10)
        return (answer.content[3], Array(answer.content.dropFirst(10)))
    }

    mutating func take(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let width = isShort ? 4 : 8
            try #require(rest.count >= 8 + width)
            let start = rest.startIndex
            let count = Self.number(rest[start + 4..<start + 8])
            try #require(rest.count >= 8 + width + count)
            received.append(
                Packet(
                    kind: Self.number(rest[start..<start + 4]), id: Self.number(rest[start + 8..<start + 8 + width]),
                    content: Array(rest[start + 8 + width..<start + 8 + width + count])))
            rest = rest.dropFirst(8 + width + count)
        }
    }

    static func packet(kind: Int, id: [UInt8], _ content: [UInt8]) -> [UInt8] {
        little(kind, 4) + little(content.count, 4) + id + content
    }

    static func little(_ number: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(number >> (8 * $0) & 0xFF) } }

    static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}

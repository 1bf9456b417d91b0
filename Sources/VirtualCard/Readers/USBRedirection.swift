/// A token in a USB port that another program has: QEMU's device usb-redir, or a usbredir server (the usbredir protocol 0.7,
/// "USB Network Redirection protocol description"; this is its usb-host). Numbers are little-endian.
struct USBRedirection: SlotReader {
    private let slot: CardSlot
    private let device: TokenDevice
    private var reader: CCIDInterface
    private var buffer = MessageBuffer()
    private var isIn = true
    private var isGreeted = false
    private var idsAreLong = false
    private var configuration: UInt8 = 1
    /// Requests for a message of the bulk endpoint: the packet's id, and its number of bytes.
    private var waiting: [(id: UInt64, count: Int)] = []
    /// What is left of the messages for them.
    private var messages: [[UInt8]] = []

    /// - Returns: nil for a card that does not speak T=1: the reader is a token's own, and such tokens do.
    init?(slot: CardSlot) {
        guard let profile = slot.profile, !profile.isT0 else { return nil }
        self.slot = slot
        device = TokenDevice(isExtended: profile.supportsExtendedLength)
        reader = CCIDInterface(slot: slot)
    }

    mutating func open() -> [UInt8] {
        buffer = MessageBuffer()
        isGreeted = false
        idsAreLong = false
        forget()
        var version = Array("martlet-card".utf8)
        version += [UInt8](repeating: 0, count: 64 - version.count)
        return packet(.hello, version + Capability.all.littleEndianBytes)
    }

    mutating func receive(_ bytes: [UInt8]) throws(ReaderError) -> [UInt8] {
        buffer.append(bytes)
        var answers: [UInt8] = []
        while let packet = try buffer.next(
            headerCount: headerCount, length: { Int($0.littleEndian(at: 4, count: 4)) })
        {
            answers += try answer(packet)
        }
        return answers
    }

    /// Who pulls the token out of its port has reader and card in the hand.
    mutating func pullOut() -> [UInt8]? {
        guard isIn else { return [] }
        isIn = false
        forget()
        return isGreeted ? packet(.deviceDisconnect, []) : []
    }

    mutating func putBack() -> [UInt8] {
        guard !isIn else { return [] }
        isIn = true
        return isGreeted ? plugged : []
    }

    private mutating func forget() {
        reader.reset()
        waiting = []
        messages = []
        configuration = 1
    }

    // MARK: Packets

    /// The bytes in front of a packet's own: its kind, its length, and its id. A hello always has the short id.
    private var headerCount: Int { idsAreLong ? 16 : 12 }

    private func packet(_ kind: Packet, id: UInt64 = 0, _ content: [UInt8]) -> [UInt8] {
        let idBytes = idsAreLong ? id.littleEndianBytes : UInt32(truncatingIfNeeded: id).littleEndianBytes
        return kind.rawValue.littleEndianBytes + UInt32(content.count).littleEndianBytes + idBytes + content
    }

    private mutating func answer(_ packet: [UInt8]) throws(ReaderError) -> [UInt8] {
        let id = packet.littleEndian(at: 8, count: headerCount - 8)
        let content = Array(packet.dropFirst(headerCount))
        let kind = Packet(rawValue: UInt32(packet.littleEndian(at: 0, count: 4)))
        guard isGreeted || kind == .hello else { throw .malformed("what comes before the hello") }
        guard content.count >= kind?.leastCount ?? 0 else { throw .malformed("\(kind.map { "\($0)" } ?? "a packet")") }
        switch kind {
        case .hello: return try greet(content)
        case .reset:
            forget()
            return []
        case .setConfiguration:
            configuration = content[0]
            return self.packet(.configurationStatus, id: id, [Status.success, configuration])
        case .getConfiguration: return self.packet(.configurationStatus, id: id, [Status.success, configuration])
        case .setAlternative, .getAlternative:
            let status = kind == .getAlternative || content[1] == 0 ? Status.success : Status.stall
            return self.packet(.alternativeStatus, id: id, [status, content[0], 0])
        case .startInterrupts:
            return self.packet(.interruptStatus, id: id, [Status.success, content[0]]) + interrupt
        case .stopInterrupts: return self.packet(.interruptStatus, id: id, [Status.success, content[0]])
        case .cancel: return cancel(id)
        case .control: return control(id, content)
        case .bulk: return try bulk(id, content)
        default: return []
        }
    }

    private mutating func greet(_ content: [UInt8]) throws(ReaderError) -> [UInt8] {
        let theirs = UInt32(truncatingIfNeeded: content.littleEndian(at: 64, count: 4))
        guard !isGreeted else { throw .malformed("a second hello") }
        guard theirs & Capability.all == Capability.all else { throw .malformed("a hello of an old version") }
        isGreeted = true
        idsAreLong = true
        return isIn ? plugged : []
    }

    /// The token appears: interfaces, endpoints, then the device itself.
    private var plugged: [UInt8] {
        let places = 32
        func first(_ value: UInt8) -> [UInt8] { [value] + [UInt8](repeating: 0, count: places - 1) }
        let interfaces =
            UInt32(1).littleEndianBytes + first(0) + first(TokenDevice.interfaceClass) + first(0) + first(0)

        var kinds = [UInt8](repeating: 255, count: places), intervals = [UInt8](repeating: 0, count: places)
        var sizes = [UInt16](repeating: 0, count: places)
        for (endpoint, kind, size) in [
            (UInt8(0x00), UInt8(0), TokenDevice.packetSize), (0x80, 0, TokenDevice.packetSize),
            (TokenDevice.outEndpoint, 2, TokenDevice.packetSize), (TokenDevice.inEndpoint, 2, TokenDevice.packetSize),
            (TokenDevice.interruptEndpoint, 3, 8),
        ] {
            let place = Int(endpoint & 0x80) >> 3 | Int(endpoint & 0x0F)
            kinds[place] = kind
            sizes[place] = size
            if kind == 3 { intervals[place] = TokenDevice.interruptInterval }
        }
        let endpoints = kinds + intervals + [UInt8](repeating: 0, count: places) + sizes.flatMap(\.littleEndianBytes)

        let fullSpeed: UInt8 = 1
        let numbers = [TokenDevice.vendor, TokenDevice.product, TokenDevice.version].flatMap(\.littleEndianBytes)
        return packet(.interfaces, interfaces) + packet(.endpoints, endpoints)
            + packet(.deviceConnect, [fullSpeed, 0, 0, 0] + numbers)
    }

    // MARK: Endpoints

    private func control(_ id: UInt64, _ content: [UInt8]) -> [UInt8] {
        var header = Array(content.prefix(10))
        let requestType = header[2], length = Int(header.littleEndian(at: 8, count: 2))
        let answer = device.answer(
            requestType: requestType, request: header[1], value: UInt16(header.littleEndian(at: 4, count: 2)),
            length: requestType & 0x80 == 0 ? 0 : length)
        header[3] = answer == nil ? Status.stall : Status.success
        if requestType & 0x80 != 0 || answer == nil {
            header.replaceSubrange(8..<10, with: UInt16(answer?.count ?? 0).littleEndianBytes)
        }
        return packet(.control, id: id, header + (answer ?? []))
    }

    private mutating func bulk(_ id: UInt64, _ content: [UInt8]) throws(ReaderError) -> [UInt8] {
        let endpoint = content[0]
        let count = Int(content.littleEndian(at: 2, count: 2) | content.littleEndian(at: 8, count: 2) << 16)
        switch endpoint {
        case TokenDevice.outEndpoint:
            messages += try reader.receive(Array(content.dropFirst(10)))
            return packet(.bulk, id: id, Self.bulkHeader(endpoint, Status.success, count)) + deliver()
        case TokenDevice.inEndpoint:
            waiting.append((id, count))
            return deliver()
        default: return packet(.bulk, id: id, Self.bulkHeader(endpoint, Status.invalid, 0))
        }
    }

    /// Gives the requests that wait what there is for them: at most one message each, as a short packet ends a transfer.
    private mutating func deliver() -> [UInt8] {
        var packets: [UInt8] = []
        while let message = messages.first, !waiting.isEmpty {
            let request = waiting.removeFirst()
            let data = Array(message.prefix(request.count))
            messages[0].removeFirst(data.count)
            if messages[0].isEmpty { messages.removeFirst() }
            let header = Self.bulkHeader(TokenDevice.inEndpoint, Status.success, data.count)
            packets += packet(.bulk, id: request.id, header + data)
        }
        return packets
    }

    private mutating func cancel(_ id: UInt64) -> [UInt8] {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return [] }
        waiting.remove(at: place)
        return packet(.bulk, id: id, Self.bulkHeader(TokenDevice.inEndpoint, Status.cancelled, 0))
    }

    private var interrupt: [UInt8] {
        let data = CCIDInterface.slotChange
        return packet(
            .interrupt,
            [TokenDevice.interruptEndpoint, Status.success] + UInt16(data.count).littleEndianBytes + data)
    }

    private static func bulkHeader(_ endpoint: UInt8, _ status: UInt8, _ count: Int) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: count).littleEndianBytes
        return [endpoint, status] + length[0..<2] + [0, 0, 0, 0] + length[2..<4]
    }
}

/// The kinds of packets that this side reads or writes, by their numbers in the protocol.
private enum Packet: UInt32 {
    case hello = 0, deviceConnect, deviceDisconnect, reset
    case interfaces, endpoints
    case setConfiguration, getConfiguration, configurationStatus
    case setAlternative, getAlternative, alternativeStatus
    case startInterrupts = 15, stopInterrupts, interruptStatus
    case cancel = 21
    case control = 100, bulk
    case interrupt = 103

    /// The bytes that the kind has at least, where this side reads them.
    var leastCount: Int {
        switch self {
        case .hello: 68
        case .setConfiguration, .getAlternative, .startInterrupts, .stopInterrupts: 1
        case .setAlternative: 2
        case .control, .bulk: 10
        default: 0
        }
    }
}

/// What both sides say in their hello that they know, a bit each. Without these the packets would have other fields; QEMU has
/// had them since 2012, and its xHCI wants them.
private enum Capability {
    static let deviceVersion: UInt32 = 1 << 1
    static let largestPacket: UInt32 = 1 << 4
    static let longIDs: UInt32 = 1 << 5
    static let longBulkLengths: UInt32 = 1 << 6

    static let all = deviceVersion | largestPacket | longIDs | longBulkLengths
}

private enum Status {
    static let success: UInt8 = 0
    static let cancelled: UInt8 = 1
    static let invalid: UInt8 = 2
    static let stall: UInt8 = 4
}

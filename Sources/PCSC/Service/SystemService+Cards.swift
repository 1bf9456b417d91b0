import CLibrary
import CPCSC

extension SystemService {
    private static let anyProtocol = DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

    func connect(_ context: ContextHandle, reader: ReaderName) throws(SCardCode) -> CardConnection {
        var card: SCARDHANDLE = 0
        var activeProtocol: DWORD = 0
        let name = reader.bytes.map { CChar(bitPattern: $0) } + [0]
        try check(
            SCardConnect(
                context.rawValue, name, DWORD(SCARD_SHARE_SHARED), Self.anyProtocol, &card, &activeProtocol))
        return CardConnection(card: CardHandle(rawValue: card), activeProtocol: activeProtocol)
    }

    func reconnect(_ card: CardHandle) throws(SCardCode) -> UInt {
        var activeProtocol: DWORD = 0
        try check(
            SCardReconnect(
                card.rawValue, DWORD(SCARD_SHARE_SHARED), Self.anyProtocol, DWORD(SCARD_LEAVE_CARD), &activeProtocol))
        return activeProtocol
    }

    func disconnect(_ card: CardHandle) {
        SCardDisconnect(card.rawValue, DWORD(SCARD_LEAVE_CARD))
    }

    func beginTransaction(_ card: CardHandle) throws(SCardCode) {
        try check(SCardBeginTransaction(card.rawValue))
    }

    func endTransaction(_ card: CardHandle) throws(SCardCode) {
        try check(SCardEndTransaction(card.rawValue, DWORD(SCARD_LEAVE_CARD)))
    }

    func transmit(
        _ card: CardHandle, protocol activeProtocol: UInt, _ command: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8] {
        var status = SCardCode.success
        var control = SCARD_IO_REQUEST(
            dwProtocol: activeProtocol, cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size))
        let answer = command.withUnsafeBytes { command in
            // Received in the caller's buffer: an answer that may be secret has no second copy.
            [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                var length = DWORD(buffer.count)
                let start = command.baseAddress?.assumingMemoryBound(to: UInt8.self)
                status = SCardCode(
                    SCardTransmit(
                        card.rawValue, &control, start, DWORD(command.count), nil, buffer.baseAddress, &length))
                count = status == .success ? min(Int(clamping: length), buffer.count) : 0
                if count == 0, let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
            }
        }
        guard status == .success else { throw status }
        return answer
    }

    func control(
        _ card: CardHandle, code: UInt32, _ input: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8] {
        var status = SCardCode.success
        let answer = input.withUnsafeBytes { input in
            [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                var length: DWORD = 0
                status = SCardCode(
                    SCardControl(
                        card.rawValue, DWORD(code), input.baseAddress, DWORD(input.count), buffer.baseAddress,
                        DWORD(buffer.count), &length))
                count = status == .success ? min(Int(clamping: length), buffer.count) : 0
            }
        }
        guard status == .success else { throw status }
        return answer
    }

    func getFriendlyName(_ card: CardHandle) throws(SCardCode) {
        // SCARD_ATTR_DEVICE_FRIENDLY_NAME_A of reader.h, a macro of a macro.
        let friendlyName: DWORD = 0x7FFF_0003
        var buffer = [UInt8](repeating: 0, count: Int(MAX_BUFFER_SIZE))
        var length = DWORD(buffer.count)
        try check(SCardGetAttrib(card.rawValue, friendlyName, &buffer, &length))
    }
}

/// A YubiKey with its CCID interface alone (1050:0404), as the kernel of a computer sees it: the descriptors, and the answers of
/// the control endpoint (USB 2.0, chapter 9; CCID 1.1, chapter 5).
struct TokenDevice {
    /// Whether APDUs with extended length fields pass the reader.
    let isExtended: Bool

    static let vendor: UInt16 = 0x1050
    static let product: UInt16 = 0x0404
    /// bcdDevice: the firmware 5.7.
    static let version: UInt16 = 0x0570
    /// The class of smart card readers.
    static let interfaceClass: UInt8 = 0x0B
    static let packetSize: UInt16 = 64

    /// The endpoints beside the control one, by their addresses.
    static let outEndpoint: UInt8 = 0x02
    static let inEndpoint: UInt8 = 0x82
    static let interruptEndpoint: UInt8 = 0x83
    /// Milliseconds.
    static let interruptInterval: UInt8 = 32

    /// What goes back for a request at the control endpoint: data, no data, or nil where it stalls.
    func answer(requestType: UInt8, request: UInt8, value: UInt16, length: Int) -> [UInt8]? {
        let data: [UInt8]?
        switch (requestType, request) {
        case (0x80, 6): data = descriptor(kind: UInt8(value >> 8), index: UInt8(value & 0xFF))
        // GET_STATUS: powered by the bus, nothing halted.
        case (0x80, 0), (0x81, 0), (0x82, 0): data = [0, 0]
        // CLEAR_FEATURE, the end of a halt; and CCID's ABORT, when no command runs.
        case (0x02, 1), (0x00, 1), (0x21, 1): data = []
        default: data = nil
        }
        return data.map { Array($0.prefix(length)) }
    }

    private func descriptor(kind: UInt8, index: UInt8) -> [UInt8]? {
        switch kind {
        case 1: Self.device
        case 2: configuration
        case 3: Self.string(index)
        default: nil
        }
    }

    private static let device: [UInt8] =
        [18, 1, 0x00, 0x02, 0, 0, 0, UInt8(packetSize)] + vendor.littleEndianBytes + product.littleEndianBytes
        + version.littleEndianBytes + [1, 2, 0, 1]

    private var configuration: [UInt8] {
        let interface: [UInt8] = [9, 4, 0, 0, 3, Self.interfaceClass, 0, 0, 0]
        let endpoints =
            Self.endpoint(Self.outEndpoint, kind: 2, Self.packetSize, 0)
            + Self.endpoint(Self.inEndpoint, kind: 2, Self.packetSize, 0)
            + Self.endpoint(Self.interruptEndpoint, kind: 3, 8, Self.interruptInterval)
        let content = interface + reader + endpoints
        // Powered by the bus, 30 mA.
        return [9, 2] + UInt16(9 + content.count).littleEndianBytes + [1, 1, 0, 0x80, 15] + content
    }

    /// The descriptor of the class (CCID 1.1, table 5.1-1): one slot of 5, 3 and 1.8 V, for T=1; one clock of 4 MHz and one
    /// rate; all is chosen by the reader, and whole APDUs pass; GET RESPONSE and ENVELOPE in the command's class; no display,
    /// no pad, one command at a time.
    private var reader: [UInt8] {
        let clock = UInt32(4000).littleEndianBytes, rate = UInt32(307_200).littleEndianBytes
        let longest = CCIDInterface.longestMessage(isExtended: isExtended)
        let sizes = [
            UInt32(longest - CCIDInterface.headerCount), 0, 0, isExtended ? 0x0004_00FE : 0x0002_00FE, UInt32(longest),
        ]
        return [54, 0x21, 0x00, 0x01, 0, 7] + UInt32(2).littleEndianBytes + clock + clock + [0] + rate + rate + [0]
            + sizes.flatMap(\.littleEndianBytes) + [0xFF, 0xFF, 0, 0, 0, 1]
    }

    private static func endpoint(_ address: UInt8, kind: UInt8, _ size: UInt16, _ interval: UInt8) -> [UInt8] {
        [7, 5, address, kind] + size.littleEndianBytes + [interval]
    }

    private static func string(_ index: UInt8) -> [UInt8]? {
        let content: [UInt8]
        switch index {
        // US English.
        case 0: content = [0x09, 0x04]
        case 1: content = "Yubico".utf16.flatMap(\.littleEndianBytes)
        case 2: content = "YubiKey CCID".utf16.flatMap(\.littleEndianBytes)
        default: return nil
        }
        return [UInt8(2 + content.count), 3] + content
    }
}

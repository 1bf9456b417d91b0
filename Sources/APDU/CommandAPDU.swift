import Platform

/// The four bytes that begin a command (ISO/IEC 7816-4, section 5.4).
public struct CommandHeader: Hashable, Sendable {
    /// CLA, with the chaining bit (10) clear.
    public var cla: UInt8
    /// INS.
    public var ins: UInt8
    /// P1.
    public var p1: UInt8
    /// P2.
    public var p2: UInt8

    /// A header; `cla` is nearly always 00.
    public init(cla: UInt8 = 0, ins: UInt8, p1: UInt8, p2: UInt8) {
        (self.cla, self.ins, self.p1, self.p2) = (cla, ins, p1, p2)
    }

    /// The CLA bit that says that more commands of a chain follow (ISO/IEC 7816-4, section 5.4.1).
    public static let chainingBit: UInt8 = 0x10
}

/// A command as a value: what a card parses, and what a test or a transcript writes down.
/// Secrets do not go in here: see `CardExchange.send(_:secret:ne:)`.
public struct CommandAPDU: Hashable, Sendable {
    /// CLA, INS, P1, P2.
    public var header: CommandHeader
    /// The data field; its length is Nc.
    public var data: [UInt8]
    /// Ne: the most bytes that the answer may have; 0 where there is no Le field.
    public var ne: Int
    /// Whether the length fields were, or are to be, of the extended form.
    public var isExtended: Bool

    /// A command of the form that its lengths need.
    public init(header: CommandHeader, data: [UInt8] = [], ne: Int = 0) {
        self.header = header
        self.data = data
        self.ne = ne
        isExtended = data.count > 255 || ne > 256
    }

    /// Parses a whole command (ISO/IEC 7816-4, section 5.2, cases 1 to 4 of both forms). Nil where the length
    /// fields do not agree with the number of bytes.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        header = CommandHeader(cla: bytes[0], ins: bytes[1], p1: bytes[2], p2: bytes[3])
        data = []
        ne = 0
        isExtended = false
        let body = bytes[4...]
        guard let first = body.first else { return }
        if body.count == 1 {
            ne = first == 0 ? 256 : Int(first)
            return
        }
        let lengthSize: Int
        if first != 0 {
            lengthSize = 1
        } else {
            guard body.count >= 3 else { return nil }
            lengthSize = 3
            isExtended = true
        }
        let number = isExtended ? Int(bytes[5]) << 8 | Int(bytes[6]) : Int(first)
        let rest = body.dropFirst(lengthSize)
        if isExtended && rest.isEmpty {
            ne = number == 0 ? 65536 : number
            return
        }
        guard number > 0, rest.count >= number else { return nil }
        data = Array(rest.prefix(number))
        let le = rest.dropFirst(number)
        switch (le.count, isExtended) {
        case (0, _): return
        case (1, false): ne = le[le.startIndex] == 0 ? 256 : Int(le[le.startIndex])
        case (2, true):
            let value = Int(le[le.startIndex]) << 8 | Int(le[le.startIndex + 1])
            ne = value == 0 ? 65536 : value
        default: return nil
        }
    }

    /// The bytes of the command, in the extended form where `isExtended` says so or the lengths need it.
    public var encoded: [UInt8] {
        APDUEncoder(extended: isExtended || data.count > 255 || ne > 256)
            .encode(header, data: data.span.bytes, ne: ne)
    }
}

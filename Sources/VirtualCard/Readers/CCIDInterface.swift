/// The CCID interface of a token whose card cannot be taken out of it (USB-IF, "Specification for Integrated Circuit(s) Cards
/// Interface Devices", revision 1.1): messages of the bulk endpoints. Numbers are little-endian. The reader passes whole APDUs,
/// short and extended ones, and looks after protocol and clock itself.
struct CCIDInterface {
    /// The bytes in front of a message's data (section 6.1).
    static let headerCount = 10
    /// The longest message, the header included: a YubiKey's, or that of the longest short APDU.
    static func longestMessage(isExtended: Bool) -> Int { isExtended ? 3072 : headerCount + 261 }

    private let slot: CardSlot
    private let longestMessage: Int
    private var buffer = MessageBuffer()
    private var isPowered = false
    private var command: [UInt8] = []
    private var rest: [UInt8] = []

    init(slot: CardSlot) {
        self.slot = slot
        longestMessage = Self.longestMessage(isExtended: slot.profile?.supportsExtendedLength == true)
    }

    /// What RDR_to_PC_NotifySlotChange says of the card (section 6.3.1): it is there, and was not before.
    static let slotChange: [UInt8] = [0x50, 0x03]

    /// The device was reset, or has been unplugged: the card had no power.
    mutating func reset() {
        buffer = MessageBuffer()
        powerOff()
    }

    /// Bytes of the endpoint to the reader; the messages of the endpoint from it.
    mutating func receive(_ bytes: [UInt8]) throws(ReaderError) -> [[UInt8]] {
        buffer.append(bytes)
        var answers: [[UInt8]] = []
        while let message = try buffer.next(
            headerCount: Self.headerCount, length: { Int($0.littleEndian(at: 1, count: 4)) })
        {
            answers.append(answer(message))
        }
        return answers
    }

    private mutating func powerOff() {
        isPowered = false
        command = []
        rest = []
        slot.reset()
    }

    private mutating func answer(_ message: [UInt8]) -> [UInt8] {
        guard message[5] == 0 else { return reply(.slotStatus, to: message, error: .slotDoesNotExist) }
        switch Request(rawValue: message[0]) {
        case .powerOn:
            powerOff()
            isPowered = true
            return reply(.dataBlock, to: message, slot.answerToReset)
        case .powerOff:
            powerOff()
            return reply(.slotStatus, to: message)
        case .getSlotStatus, .abort, .clock: return reply(.slotStatus, to: message)
        case .transfer: return transfer(message)
        case .getParameters, .resetParameters, .setParameters: return parameters(message)
        case .escape: return reply(.escape, to: message, error: .commandNotSupported)
        case .secure: return reply(.dataBlock, to: message, error: .commandNotSupported)
        case .setDataRate: return reply(.dataRate, to: message, error: .commandNotSupported)
        case .t0APDU, .mechanical, nil: return reply(.slotStatus, to: message, error: .commandNotSupported)
        }
    }

    /// PC_to_RDR_XfrBlock (section 6.1.4): an APDU, or a piece of one; wLevelParameter says which.
    private mutating func transfer(_ message: [UInt8]) -> [UInt8] {
        guard isPowered else { return reply(.dataBlock, to: message, error: .cardMute) }
        let data = message.dropFirst(Self.headerCount)
        switch message.littleEndian(at: 8, count: 2) {
        case 0x0000: command = []
        case 0x0001: command = Array(data)
        case 0x0003: command += data
        case 0x0002: break
        case 0x0010: return piece(to: message, isFirst: false)
        default: return reply(.dataBlock, to: message, error: .levelParameter)
        }
        guard message[8] != 0x01, message[8] != 0x03 else {
            return reply(.dataBlock, to: message, parameter: 0x10)
        }
        rest = slot.process(command + data)
        command = []
        return piece(to: message, isFirst: true)
    }

    /// As much of the answer as a message takes; bChainParameter says which part it is (section 6.2.1).
    private mutating func piece(to message: [UInt8], isFirst: Bool) -> [UInt8] {
        let data = Array(rest.prefix(longestMessage - Self.headerCount))
        rest.removeFirst(data.count)
        let parameter: UInt8 =
            switch (isFirst, rest.isEmpty) {
            case (true, true): 0x00
            case (true, false): 0x01
            case (false, true): 0x02
            case (false, false): 0x03
            }
        return reply(.dataBlock, to: message, data, parameter: parameter)
    }

    /// RDR_to_PC_Parameters (section 6.2.3): those of T=1 at its fastest, whatever was asked for, as the reader chooses them.
    private func parameters(_ message: [UInt8]) -> [UInt8] {
        reply(.parameters, to: message, [0x11, 0x10, 0x00, 0x4D, 0x00, 0xFE, 0x00], parameter: 1)
    }

    private func reply(
        _ kind: Reply, to message: [UInt8], _ data: [UInt8] = [], parameter: UInt8 = 0, error: Failure? = nil
    ) -> [UInt8] {
        let status: UInt8 = (isPowered ? 0 : 1) | (error == nil ? 0 : 0x40)
        return [kind.rawValue] + UInt32(data.count).littleEndianBytes
            + [message[5], message[6], status, error?.rawValue ?? 0, parameter] + data
    }

    /// The messages to the reader (table 6.1-1).
    private enum Request: UInt8 {
        case setParameters = 0x61, powerOn, powerOff
        case getSlotStatus = 0x65
        case secure = 0x69, t0APDU, escape, getParameters, resetParameters, clock, transfer
        case mechanical = 0x71, abort, setDataRate
    }

    /// The messages from the reader (table 6.2-1).
    private enum Reply: UInt8 {
        case dataBlock = 0x80, slotStatus, parameters, escape, dataRate
    }

    /// bError (table 6.2-2).
    private enum Failure: UInt8 {
        case commandNotSupported = 0x00
        /// The place of the wrong field in the message.
        case slotDoesNotExist = 0x05
        case levelParameter = 0x08
        case cardMute = 0xFE
    }
}

import TestSupport

extension LoggedAPDU {
    /// What a PIV command is for, in words; nil for one that no test expects.
    ///
    /// The codes are those of SP 800-73-5 part 2 and, from F7 on, of Yubico's extensions.
    var purpose: String? {
        guard command.count >= 4 else { return nil }
        let (chained, reference) = (command[0] & 0x10 != 0, String(command[3], radix: 16))
        let hasData = command.count > 5
        switch command[1] {
        case 0xA4: return "select the application"
        case 0xCB: return containerName.map { "read \($0)" }
        case 0xC0: return "fetch the rest of the answer"
        case 0x20 where command[2] == 0xFF: return "log out"
        case 0x20: return hasData ? "verify the PIN" : "ask for the PIN's tries"
        case 0x87: return chained ? "send the first part of a signature's input" : "sign with \(reference)"
        case 0xF7: return "ask about key \(reference)"
        case 0xF8: return "ask for the serial number"
        case 0xFD: return "ask for the version"
        default: return nil
        }
    }

    /// Whether this reads a container, and not only the rest of an answer.
    var readsContainer: Bool { command.count > 1 && command[1] == 0xCB }

    /// The container that a GET DATA names (SP 800-73-5 part 1, table 3).
    private var containerName: String? {
        guard let tag = containerTag else { return nil }
        if tag == [0x7E] { return "Discovery" }
        guard tag.count == 3, tag[0] == 0x5F, tag[1] == 0xC1 else { return nil }
        let names: [UInt8: String] = [
            0x02: "CHUID", 0x07: "Card Capability Container", 0x0C: "Key History", 0x05: "certificate 9a",
            0x0A: "certificate 9c", 0x0B: "certificate 9d", 0x01: "certificate 9e",
        ]
        if (0x0D...0x20).contains(tag[2]) { return "retired certificate \(tag[2] - 0x0C)" }
        return names[tag[2]]
    }

    /// The tag list's only tag: `5C`, its length, the tag, after a short or extended length field.
    private var containerTag: [UInt8]? {
        let data = command.dropFirst(4).drop { $0 != 0x5C }
        guard let length = data.dropFirst().first, data.count >= 2 + Int(length) else { return nil }
        return Array(data.dropFirst(2).prefix(Int(length)))
    }
}

import TestSupport

extension LoggedAPDU {
    /// What an OpenPGP command is for, in words; nil for one that no test expects.
    ///
    /// The codes are those of the OpenPGP card specification 3.4.1, section 7.2, and of Yubico's extensions.
    var openPGPPurpose: String? {
        guard command.count >= 4 else { return nil }
        if command[0] & 0x10 != 0 { return "send the first part of a command" }
        let (p1, p2) = (command[2], command[3])
        switch (command[1], UInt16(p1) << 8 | UInt16(p2)) {
        case (0xA4, _): return selectedApplication.map { "select \($0)" }
        case (0xA5, _): return "choose certificate \(p1)"
        case (0xCA, let tag): return Self.objects[tag].map { "read \($0)" }
        case (0x47, 0x8100): return command.count > 7 ? Self.keys[command[command.count > 9 ? 7 : 5]] : nil
        case (0xC0, _): return "fetch the rest of the answer"
        case (0x20, let which) where p1 == 0xFF: return Self.passwords[which & 0xFF].map { "take back \($0)" }
        case (0x20, let which): return Self.passwords[which].map { (command.count > 5 ? "verify " : "ask about ") + $0 }
        case (0x2A, 0x9E9A): return "sign"
        case (0x2A, 0x8086): return "decipher"
        case (0x2A, 0x8680): return "encipher"
        case (0x84, 0): return "ask for random bytes"
        case (0x88, 0): return "authenticate"
        case (0xF1, 0): return "ask for the version"
        default: return nil
        }
    }

    private var selectedApplication: String? {
        let name = command.dropFirst(5)
        if name.starts(with: [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01]) { return "OpenPGP" }
        return name.starts(with: [0xA0, 0x00, 0x00, 0x03, 0x08]) ? "PIV" : nil
    }

    private static let objects: [UInt16: String] = [
        0x006E: "the card's data", 0x7F21: "a certificate", 0x00C4: "the state of the PINs", 0x00F9: "the KDF",
        0x0101: "PrivDO1", 0x0102: "PrivDO2", 0x0103: "PrivDO3", 0x0104: "PrivDO4",
    ]
    private static let passwords: [UInt16: String] = [
        0x81: "PW1 for signatures", 0x82: "PW1 for other uses", 0x83: "PW3",
    ]
    private static let keys: [UInt8: String] = [
        0xB6: "read the key SIG", 0xB8: "read the key DEC", 0xA4: "read the key AUT",
    ]
}

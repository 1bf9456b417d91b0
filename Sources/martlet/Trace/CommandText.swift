import PIV

/// What a command APDU asks for, in a few words (ISO/IEC 7816-4; SP 800-73-5 part 2; OpenPGP card 3.4.1, section 7.2;
/// Yubico's own).
struct CommandText {
    let text: String

    /// - Parameters:
    ///   - header: the command, or as much of it as is no secret.
    ///   - isWhole: whether it is all of it.
    init(header: [UInt8], isWhole: Bool) {
        guard header.count >= 4 else {
            text = "?"
            return
        }
        let parameters = UInt16(header[2]) << 8 | UInt16(header[3])
        let data = Self.data(header)
        // CLA 80: the one of OpenPGP's commands that shares its INS with one of PIV's (Yubico, "OpenPGP Attestation").
        let isAttestation = header[0] == 0x80 && header[1] == 0xFB
        let name =
            isAttestation
            ? "ATTEST " + [header[2]].hexadecimal
            : Self.name(header[1], parameters, data, isWhole) ?? "INS " + [header[1]].hexadecimal
        text = name + (header[0] & 0x10 == 0 ? "" : " (goes on)")
    }

    private static let names: [UInt8: String] = [
        0x22: "MANAGE SECURITY ENVIRONMENT", 0x24: "CHANGE REFERENCE DATA",
        0x2C: "RESET RETRY COUNTER", 0x44: "ACTIVATE FILE", 0x47: "GENERATE ASYMMETRIC KEY PAIR", 0x84: "GET CHALLENGE",
        0x87: "GENERAL AUTHENTICATE", 0x88: "INTERNAL AUTHENTICATE", 0xA5: "SELECT DATA", 0xC0: "GET RESPONSE",
        0xDB: "PUT DATA", 0xE6: "TERMINATE DF", 0xF6: "MOVE KEY", 0xF7: "GET METADATA", 0xF8: "GET SERIAL",
        0xFA: "SET PIN RETRIES", 0xFB: "RESET", 0xFD: "GET VERSION", 0xFE: "IMPORT KEY",
        0xFF: "SET MANAGEMENT KEY",
    ]

    private static let applications: [(prefix: [UInt8], name: String)] = [
        ([0xA0, 0x00, 0x00, 0x03, 0x08], "PIV"), ([0xD2, 0x76, 0x00, 0x01, 0x24, 0x01], "OpenPGP"),
        ([0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17], "YubiKey management"),
    ]

    private static func name(_ instruction: UInt8, _ parameters: UInt16, _ data: [UInt8], _ isWhole: Bool) -> String? {
        let second = [UInt8(truncatingIfNeeded: parameters)].hexadecimal
        let both = [UInt8(truncatingIfNeeded: parameters >> 8), UInt8(truncatingIfNeeded: parameters)].hexadecimal
        switch instruction {
        case 0xA4:
            return "SELECT " + (applications.first { data.starts(with: $0.prefix) }?.name ?? data.hexadecimal)
        case 0xCA, 0xDA: return (instruction == 0xCA ? "GET DATA " : "PUT DATA ") + both
        case 0xCB, 0xDB: return (instruction == 0xCB ? "GET DATA " : "PUT DATA ") + object(data)
        case 0x2A:
            let meanings: [UInt16: String] = [0x9E9A: "COMPUTE DIGITAL SIGNATURE", 0x8086: "DECIPHER"]
            return meanings[parameters] ?? "PERFORM SECURITY OPERATION " + both
        case 0x20:
            let deed = parameters >> 8 == 0xFF ? ", taken back" : isWhole && data.isEmpty ? ", tries asked for" : ""
            return "VERIFY \(second)\(deed)"
        // P1 81: the key that is there is read (OpenPGP card 3.4.1, section 7.2.14).
        case 0x47 where parameters >> 8 == 0x81: return "READ PUBLIC KEY " + data.hexadecimal
        case 0x24, 0x2C, 0x47, 0x87, 0xF7: return names[instruction].map { "\($0) \(second)" }
        case 0xF9: return "ATTEST " + [UInt8(truncatingIfNeeded: parameters >> 8)].hexadecimal
        default: return names[instruction]
        }
    }

    /// What a tag list (5C) names, with the key whose certificate it is.
    private static func object(_ data: [UInt8]) -> String {
        guard data.count >= 2, data[0] == 0x5C, data.count >= 2 + Int(data[1]) else { return "" }
        let tag = data[2..<(2 + Int(data[1]))]
        let number = tag.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let keys: [PIVKeyReference] =
            [.authentication, .signature, .keyManagement, .cardAuthentication, .attestation] + PIVKeyReference.retired
        let owner = keys.first { $0.certificateContainer?.rawValue == number }
        return tag.hexadecimal + (owner.map { ", the certificate of \([$0.rawValue].hexadecimal)" } ?? "")
    }

    /// The data field of a short or an extended command; what may follow it is kept.
    private static func data(_ command: [UInt8]) -> [UInt8] {
        guard command.count > 5 else { return [] }
        guard command[4] == 0 else { return Array(command[5...].prefix(Int(command[4]))) }
        guard command.count > 7 else { return [] }
        return Array(command[7...].prefix(Int(command[5]) << 8 | Int(command[6])))
    }
}

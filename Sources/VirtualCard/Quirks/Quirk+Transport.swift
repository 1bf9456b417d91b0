import APDU

/// What gets lost between reader and card.
extension Quirk {
    static let transport =
        extendedAnswers + [extendedNothing, longestCommand1390, longestCommand2038, longestAnswer255]

    private static func isExtended(_ bytes: [UInt8]) -> Bool {
        CommandAPDU(parsing: bytes)?.isExtended ?? (bytes.count > 7 && bytes[4] == 0)
    }

    /// Readers that pass no extended APDUs.
    static let extendedAnswers = ([0x6700, 0x6F00, 0x6E00, 0x6D00] as [UInt16]).map { status in
        Quirk(
            "extended-\(digits(status))", "a command with extended length fields answers \(digits(status))",
            source:
                "YubiKeys over NFC on some readers: ykman 5.7.0 NEWS; OpenSC card-piv.c; QEMU's usb-ccid, whose answers"
                + " have no more than a short APDU: trials",
            .message { isExtended($0) ? refuse(status).encoded : nil })
    }

    static let extendedNothing = Quirk(
        "extended-nothing", "a command with extended length fields is answered with no byte",
        source: "contactless readers: ykman 5.7.0 NEWS", .message { isExtended($0) ? [] : nil })

    private static func longestCommand(_ count: Int, _ source: String) -> Quirk {
        Quirk(
            "longest-command-\(count)", "a command of more than \(count) bytes answers 6700", source: source,
            .message { $0.count > count ? refuse(0x6700).encoded : nil })
    }

    static let longestCommand1390 = longestCommand(1390, "YubiKey NEO: yubikit smartcard, MAX_APDU_SIZE.NEO")
    static let longestCommand2038 = longestCommand(2038, "YubiKey 4: yubikit smartcard, MAX_APDU_SIZE.YK4")

    static let longestAnswer255 = Quirk(
        "longest-answer-255", "an extended Le is answered with 255 bytes and 61xx",
        source: "PivApplet 0.9.0: PivApplet.java, sendOutgoing", .longestAnswer(255))
}

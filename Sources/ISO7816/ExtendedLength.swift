import APDU

/// What is known of whether card and reader pass extended APDUs, and how long ones.
///
/// The card says that it takes them (ISO/IEC 7816-4, section 12.1.1); a reader may still pass none, and answer 6700, 6F00,
/// 6E00 or 6D00 in the card's place, or nothing, or the first part of an answer (YubiKey over NFC: ykman 5.7.0's NEWS;
/// OpenSC's card-piv.c). What works is learnt from commands that only read, since nothing is lost when they are repeated,
/// and from refusals.
struct ExtendedLength {
    /// An extended command has succeeded.
    var isProven = false
    /// An extended command failed that succeeded in the short form.
    var isRefused: Bool
    private let limits: ChannelLimits
    /// The most bytes of data that a command may have.
    private var longestData: Int

    init(_ limits: ChannelLimits, answerToReset: [UInt8]) {
        let isTold = HistoricalBytes(answerToReset: answerToReset).supportsExtendedLength
        self.limits = limits
        // A header of 4 bytes, Lc of 3, Le of 2.
        longestData = min(65_535, (limits.maximumCommandSize ?? .max) - 9)
        isRefused = !isTold || limits.transmissionProtocol == .t0 || limits.maximumCommandSize ?? .max <= 261
    }

    /// Whether a command with so much data goes into an extended APDU.
    func fits(_ count: Int) -> Bool { !isRefused && count <= longestData }

    /// The most of an answer that can be asked for at once: a reader carries as much to the card as from it.
    func longest(_ ne: Int) -> Int { min(ne, max(256, (limits.maximumCommandSize ?? .max) - 9)) }

    /// Notes that a command with so much data was too long, and went through in parts.
    mutating func noteTooLong(_ count: Int) {
        if count > 256 { longestData = count - 1 } else { isRefused = true }
    }

    /// Whether a failure may be one of the form that was chosen.
    func mayExplain(_ error: ChannelError) -> Bool {
        !isProven && (error == .malformedAnswer || error == .transmissionFailed)
    }

    /// Whether an answer to a command that only reads may be one to the form that was chosen.
    func mayExplain(_ answer: ResponseAPDU) -> Bool {
        if answer.breaksOff { return true }
        switch answer.status {
        case .wrongLength: return true
        case .unknownError, .instructionNotSupported, .classNotSupported: return !isProven
        default: return false
        }
    }
}

extension CommandHeader {
    /// Whether the command changes nothing, and costs nobody anything when it is sent twice: SELECT, GET CHALLENGE, READ
    /// BINARY, GET DATA and GET NEXT DATA (ISO/IEC 7816-4); a public key that is read (OpenPGP 3.4, section 7.2.14);
    /// YubiKey's ATTEST, GET METADATA, GET SERIAL and GET VERSION.
    var onlyReads: Bool {
        switch ins {
        case 0xA4, 0x84, 0xB0, 0xB1, 0xCA, 0xCB, 0xCC, 0xF7, 0xF8, 0xF9, 0xFD: true
        case 0x47: p1 == 0x81
        default: false
        }
    }
}

extension StatusWord {
    /// The command is not known, and was not carried out.
    var isUnknownCommand: Bool { self == .instructionNotSupported || self == .classNotSupported }
}

extension ResponseAPDU {
    /// Whether more came than a short answer can be, and yet not all: the end is no status word (ISO/IEC 7816-4, section
    /// 5.6), or says that something went wrong although there are data, or the data object that begins it goes on.
    fileprivate var breaksOff: Bool {
        guard data.count >= 254 else { return false }
        switch status.rawValue >> 8 {
        case 0x90: return data.count > 256 && data.isCutOff
        case 0x61, 0x62, 0x63: return false
        default: return true
        }
    }
}

extension [UInt8] {
    /// Whether the data object that begins here would be longer than what there is.
    fileprivate var isCutOff: Bool {
        var reader = TLVReader(self)
        do throws(TLVError) {
            _ = try reader.next()
            return false
        } catch {
            return error == .truncated
        }
    }
}

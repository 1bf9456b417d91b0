/// A return code of a PC/SC function (pcsclite.h of pcsc-lite, section "Error codes"). Unknown values survive.
struct SCardCode: RawRepresentable, Hashable, Error, Sendable {
    /// The number that the function returned.
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A code as the C functions return it: 32 bits in a LONG.
    init(_ code: Int) { rawValue = UInt32(truncatingIfNeeded: code) }

    /// SCARD_S_SUCCESS
    static let success = SCardCode(rawValue: 0)
    /// SCARD_F_INTERNAL_ERROR
    static let internalError = SCardCode(rawValue: 0x8010_0001)
    /// SCARD_E_CANCELLED
    static let cancelled = SCardCode(rawValue: 0x8010_0002)
    /// SCARD_E_INVALID_HANDLE
    static let invalidHandle = SCardCode(rawValue: 0x8010_0003)
    /// SCARD_E_INVALID_PARAMETER
    static let invalidParameter = SCardCode(rawValue: 0x8010_0004)
    /// SCARD_E_NO_MEMORY
    static let noMemory = SCardCode(rawValue: 0x8010_0006)
    /// SCARD_F_WAITED_TOO_LONG
    static let waitedTooLong = SCardCode(rawValue: 0x8010_0007)
    /// SCARD_E_INSUFFICIENT_BUFFER
    static let insufficientBuffer = SCardCode(rawValue: 0x8010_0008)
    /// SCARD_E_UNKNOWN_READER
    static let unknownReader = SCardCode(rawValue: 0x8010_0009)
    /// SCARD_E_TIMEOUT
    static let timeout = SCardCode(rawValue: 0x8010_000A)
    /// SCARD_E_SHARING_VIOLATION
    static let sharingViolation = SCardCode(rawValue: 0x8010_000B)
    /// SCARD_E_NO_SMARTCARD
    static let noSmartCard = SCardCode(rawValue: 0x8010_000C)
    /// SCARD_E_PROTO_MISMATCH
    static let protocolMismatch = SCardCode(rawValue: 0x8010_000F)
    /// SCARD_E_NOT_READY
    static let notReady = SCardCode(rawValue: 0x8010_0010)
    /// SCARD_E_INVALID_VALUE
    static let invalidValue = SCardCode(rawValue: 0x8010_0011)
    /// SCARD_E_SYSTEM_CANCELLED
    static let systemCancelled = SCardCode(rawValue: 0x8010_0012)
    /// SCARD_F_COMM_ERROR
    static let communicationError = SCardCode(rawValue: 0x8010_0013)
    /// SCARD_F_UNKNOWN_ERROR
    static let unknownError = SCardCode(rawValue: 0x8010_0014)
    /// SCARD_E_NOT_TRANSACTED
    static let notTransacted = SCardCode(rawValue: 0x8010_0016)
    /// SCARD_E_READER_UNAVAILABLE
    static let readerUnavailable = SCardCode(rawValue: 0x8010_0017)
    /// SCARD_P_SHUTDOWN
    static let shutdown = SCardCode(rawValue: 0x8010_0018)
    /// SCARD_E_NO_SERVICE
    static let noService = SCardCode(rawValue: 0x8010_001D)
    /// SCARD_E_SERVICE_STOPPED
    static let serviceStopped = SCardCode(rawValue: 0x8010_001E)
    /// SCARD_E_UNSUPPORTED_FEATURE, which pcsc-lite gives the number of SCARD_E_UNEXPECTED
    static let unsupportedFeature = SCardCode(rawValue: 0x8010_001F)
    /// SCARD_E_NO_READERS_AVAILABLE
    static let noReadersAvailable = SCardCode(rawValue: 0x8010_002E)
    /// SCARD_E_SERVER_TOO_BUSY, which pcsc-lite never returns: pcscd has not answered in time
    static let serverTooBusy = SCardCode(rawValue: 0x8010_0031)
    /// SCARD_E_COMM_DATA_LOST
    static let communicationDataLost = SCardCode(rawValue: 0x8010_002F)
    /// SCARD_W_UNSUPPORTED_CARD
    static let unsupportedCard = SCardCode(rawValue: 0x8010_0065)
    /// SCARD_W_UNRESPONSIVE_CARD
    static let unresponsiveCard = SCardCode(rawValue: 0x8010_0066)
    /// SCARD_W_UNPOWERED_CARD
    static let unpoweredCard = SCardCode(rawValue: 0x8010_0067)
    /// SCARD_W_RESET_CARD
    static let resetCard = SCardCode(rawValue: 0x8010_0068)
    /// SCARD_W_REMOVED_CARD
    static let removedCard = SCardCode(rawValue: 0x8010_0069)
    /// SCARD_W_SECURITY_VIOLATION
    static let securityViolation = SCardCode(rawValue: 0x8010_006A)

    /// Whether the context that the call used is of no more use, because pcscd went away or was started anew.
    var endsContext: Bool {
        switch self {
        case .noService, .serviceStopped, .invalidHandle, .communicationError, .shutdown,
            .serverTooBusy:
            true
        default: false
        }
    }
}

import ISO7816

extension ChannelError {
    /// What a PC/SC return code means to who uses a card. Every code is mapped here and nowhere else.
    ///
    /// Where pcsc-lite 1.9.9 gives a code a meaning of its own, the reason stands beside it. Codes that say nothing
    /// about card, reader or service, and codes of later versions, keep their number.
    init(_ status: SCardCode) {
        switch status {
        case .removedCard, .noSmartCard:
            self = .removed
        case .unknownReader, .readerUnavailable, .noReadersAvailable:
            self = .readerUnavailable
        case .invalidHandle, .invalidValue:
            // What pcscd answers to the handle of a card whose reader was unplugged.
            self = .readerUnavailable
        case .noService, .serviceStopped, .shutdown, .systemCancelled:
            self = .serviceUnavailable
        case .serverTooBusy:
            // It runs, and has not answered in time.
            self = .serviceUnavailable
        case .communicationError:
            // The socket to pcscd broke. A driver's errors come as SCARD_E_NOT_TRANSACTED.
            self = .serviceUnavailable
        case .securityViolation:
            // Polkit refuses this person access to pcscd: to them it does not run.
            self = .serviceUnavailable
        case .sharingViolation:
            self = .heldByAnother
        case .unresponsiveCard, .unpoweredCard, .unsupportedCard, .notReady:
            self = .unresponsive
        case .cancelled:
            // What a driver may answer in place of 6401 where an entry on the reader's keys is cancelled: nothing else that
            // can be is called here.
            self = .pinEntryEnded
        case .resetCard:
            // The command did not reach the card; the next transaction begins with `CardContinuity.reset`.
            self = .transmissionFailed
        case .notTransacted, .communicationDataLost, .timeout, .waitedTooLong, .protocolMismatch:
            self = .transmissionFailed
        case .insufficientBuffer:
            // The buffers hold any answer that ISO/IEC 7816-3 allows.
            self = .answerTooLong
        default:
            self = .serviceError(status.rawValue)
        }
    }
}

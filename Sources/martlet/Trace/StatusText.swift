import ISO7816

/// What the status word of an answer says (ISO/IEC 7816-4, section 5.6).
enum StatusText {
    static func meaning(of number: UInt16) -> String {
        let status = StatusWord(rawValue: number)
        if let left = status.triesLeft { return "wrong, or not given: \(left) tries left" }
        if let count = status.bytesWaiting { return "done, \(count) bytes or more to fetch" }
        if let length = status.rightLength { return "ask again for \(length) bytes" }
        switch status {
        case .success: return "done"
        case .memoryFailure: return "memory failure"
        case .wrongLength: return "wrong length"
        case .securityStatusNotSatisfied: return "not without a login"
        case .authenticationMethodBlocked: return "blocked"
        case .conditionsOfUseNotSatisfied: return "conditions not satisfied"
        case .incorrectData: return "incorrect data"
        case .functionNotSupported: return "function not supported"
        case .notFound: return "not found"
        case .notEnoughMemory: return "not enough memory"
        case .incorrectParameters, .wrongParameters: return "incorrect parameters"
        case .referenceNotFound: return "no such reference"
        case .instructionNotSupported: return "no such command"
        case .classNotSupported: return "no such class of commands"
        default: return "status \(status)"
        }
    }
}

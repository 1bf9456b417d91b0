import CPKCS11

/// Why a PKCS#11 module did not do what was asked.
package enum ProviderError: Error {
    /// The file is not there, or is no PKCS#11 module.
    case notLoadable(path: String, reason: String)
    /// The module's function list has no such function.
    case missing(StaticString)
    /// The function answered this CKR_ value.
    case answered(StaticString, CK_RV)

    /// Whether the answer was this one.
    package func isAnswer(_ value: CK_RV) -> Bool {
        if case .answered(_, value) = self { true } else { false }
    }

    /// What happened, for a person.
    package var explanation: String {
        switch self {
        case .notLoadable(_, let reason): reason
        case .missing(let name): "the module has no function \(name)"
        case .answered(let name, let value): "\(name): \(Self.meaning(value))"
        }
    }

    private static func meaning(_ value: CK_RV) -> String {
        switch value {
        case CKR_PIN_INCORRECT: "the PIN is wrong"
        case CKR_PIN_LOCKED: "the PIN is blocked"
        case CKR_PIN_LEN_RANGE: "the PIN is too short or too long; no try was spent"
        case CKR_PIN_INVALID: "the PIN has characters that the card does not take; no try was spent"
        case CKR_TOKEN_NOT_PRESENT: "there is no card in the reader"
        case CKR_TOKEN_NOT_RECOGNIZED: "the card is not a PIV card, or does not answer"
        case CKR_DEVICE_REMOVED: "the card was pulled out"
        case CKR_DEVICE_ERROR: "the card or the reader failed (CKR_DEVICE_ERROR)"
        case CKR_FUNCTION_REJECTED, CKR_FUNCTION_CANCELED: "nobody touched the token in time"
        case CKR_FUNCTION_NOT_SUPPORTED: "the module cannot do this"
        case CKR_MECHANISM_INVALID: "the key cannot do this (CKR_MECHANISM_INVALID)"
        case CKR_USER_NOT_LOGGED_IN: "the card wants the PIN first"
        default: "answered 0x" + String(value, radix: 16, uppercase: true)
        }
    }
}

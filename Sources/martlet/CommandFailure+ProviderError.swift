import CPKCS11
import PKCS11Provider

extension CommandFailure {
    /// What a person is told where the module did not do what was asked.
    init(_ error: ProviderError) {
        switch error {
        case .notLoadable:
            self.init(
                "the module cannot be loaded: \(error.explanation)",
                hint: "name the file of a PKCS#11 module with --module", .unavailable)
        case .answered(_, CKR_PIN_INCORRECT):
            self.init(error.explanation, hint: "one try is spent; after the last one the PIN is blocked", .refused)
        case .answered(_, CKR_PIN_LOCKED):
            self.init(
                error.explanation, hint: "unblock it: martlet pin unblock", .refused)
        case .answered(_, CKR_PIN_LEN_RANGE), .answered(_, CKR_PIN_INVALID):
            self.init(error.explanation, hint: "a PIV card's PIN has 6 to 8 digits", .refused)
        case .answered(_, CKR_TOKEN_NOT_RECOGNIZED):
            self.init(error.explanation, hint: "for a virtual card: martlet demo --virtual")
        case .answered, .missing:
            self.init(error.explanation, hint: "MARTLET_LOG=stderr martlet demo tells more")
        }
    }
}

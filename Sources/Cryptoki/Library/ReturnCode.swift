import CPKCS11
import Token

/// What a function returns when it does not return CKR_OK (PKCS#11 3.2, section 5.1). Unknown values survive.
public struct ReturnCode: RawRepresentable, Error, Hashable, Sendable {
    /// CK_RV.
    public let rawValue: UInt

    /// A return code of this number.
    public init(rawValue: UInt) { self.rawValue = rawValue }

    init(_ rawValue: UInt) { self.rawValue = rawValue }

    /// CKR_ACTION_PROHIBITED.
    public static let actionProhibited = ReturnCode(CKR_ACTION_PROHIBITED)
    /// CKR_AEAD_DECRYPT_FAILED.
    public static let aeadDecryptFailed = ReturnCode(CKR_AEAD_DECRYPT_FAILED)
    /// CKR_ARGUMENTS_BAD.
    public static let argumentsBad = ReturnCode(CKR_ARGUMENTS_BAD)
    /// CKR_ATTRIBUTE_READ_ONLY.
    public static let attributeReadOnly = ReturnCode(CKR_ATTRIBUTE_READ_ONLY)
    /// CKR_ATTRIBUTE_SENSITIVE.
    public static let attributeSensitive = ReturnCode(CKR_ATTRIBUTE_SENSITIVE)
    /// CKR_ATTRIBUTE_TYPE_INVALID.
    public static let attributeTypeInvalid = ReturnCode(CKR_ATTRIBUTE_TYPE_INVALID)
    /// CKR_ATTRIBUTE_VALUE_INVALID.
    public static let attributeValueInvalid = ReturnCode(CKR_ATTRIBUTE_VALUE_INVALID)
    /// CKR_BUFFER_TOO_SMALL.
    public static let bufferTooSmall = ReturnCode(CKR_BUFFER_TOO_SMALL)
    /// CKR_CANT_LOCK.
    public static let cantLock = ReturnCode(CKR_CANT_LOCK)
    /// CKR_CRYPTOKI_ALREADY_INITIALIZED.
    public static let cryptokiAlreadyInitialized = ReturnCode(CKR_CRYPTOKI_ALREADY_INITIALIZED)
    /// CKR_CRYPTOKI_NOT_INITIALIZED.
    public static let cryptokiNotInitialized = ReturnCode(CKR_CRYPTOKI_NOT_INITIALIZED)
    /// CKR_CURVE_NOT_SUPPORTED.
    public static let curveNotSupported = ReturnCode(CKR_CURVE_NOT_SUPPORTED)
    /// CKR_DATA_INVALID.
    public static let dataInvalid = ReturnCode(CKR_DATA_INVALID)
    /// CKR_DATA_LEN_RANGE.
    public static let dataLengthRange = ReturnCode(CKR_DATA_LEN_RANGE)
    /// CKR_DEVICE_ERROR.
    public static let deviceError = ReturnCode(CKR_DEVICE_ERROR)
    /// CKR_DEVICE_MEMORY.
    public static let deviceMemory = ReturnCode(CKR_DEVICE_MEMORY)
    /// CKR_DEVICE_REMOVED.
    public static let deviceRemoved = ReturnCode(CKR_DEVICE_REMOVED)
    /// CKR_ENCRYPTED_DATA_INVALID.
    public static let encryptedDataInvalid = ReturnCode(CKR_ENCRYPTED_DATA_INVALID)
    /// CKR_ENCRYPTED_DATA_LEN_RANGE.
    public static let encryptedDataLengthRange = ReturnCode(CKR_ENCRYPTED_DATA_LEN_RANGE)
    /// CKR_FUNCTION_CANCELED.
    public static let functionCanceled = ReturnCode(CKR_FUNCTION_CANCELED)
    /// CKR_FUNCTION_FAILED.
    public static let functionFailed = ReturnCode(CKR_FUNCTION_FAILED)
    /// CKR_FUNCTION_NOT_PARALLEL.
    public static let functionNotParallel = ReturnCode(CKR_FUNCTION_NOT_PARALLEL)
    /// CKR_FUNCTION_NOT_SUPPORTED.
    public static let functionNotSupported = ReturnCode(CKR_FUNCTION_NOT_SUPPORTED)
    /// CKR_GENERAL_ERROR.
    public static let generalError = ReturnCode(CKR_GENERAL_ERROR)
    /// CKR_HOST_MEMORY.
    public static let hostMemory = ReturnCode(CKR_HOST_MEMORY)
    /// CKR_KEY_FUNCTION_NOT_PERMITTED.
    public static let keyFunctionNotPermitted = ReturnCode(CKR_KEY_FUNCTION_NOT_PERMITTED)
    /// CKR_KEY_HANDLE_INVALID.
    public static let keyHandleInvalid = ReturnCode(CKR_KEY_HANDLE_INVALID)
    /// CKR_KEY_INDIGESTIBLE.
    public static let keyIndigestible = ReturnCode(CKR_KEY_INDIGESTIBLE)
    /// CKR_KEY_NOT_WRAPPABLE.
    public static let keyNotWrappable = ReturnCode(CKR_KEY_NOT_WRAPPABLE)
    /// CKR_KEY_SIZE_RANGE.
    public static let keySizeRange = ReturnCode(CKR_KEY_SIZE_RANGE)
    /// CKR_KEY_TYPE_INCONSISTENT.
    public static let keyTypeInconsistent = ReturnCode(CKR_KEY_TYPE_INCONSISTENT)
    /// CKR_KEY_UNEXTRACTABLE.
    public static let keyUnextractable = ReturnCode(CKR_KEY_UNEXTRACTABLE)
    /// CKR_MECHANISM_INVALID.
    public static let mechanismInvalid = ReturnCode(CKR_MECHANISM_INVALID)
    /// CKR_MECHANISM_PARAM_INVALID.
    public static let mechanismParameterInvalid = ReturnCode(CKR_MECHANISM_PARAM_INVALID)
    /// CKR_NO_EVENT.
    public static let noEvent = ReturnCode(CKR_NO_EVENT)
    /// CKR_OBJECT_HANDLE_INVALID.
    public static let objectHandleInvalid = ReturnCode(CKR_OBJECT_HANDLE_INVALID)
    /// CKR_OPERATION_ACTIVE.
    public static let operationActive = ReturnCode(CKR_OPERATION_ACTIVE)
    /// CKR_OPERATION_NOT_INITIALIZED.
    public static let operationNotInitialized = ReturnCode(CKR_OPERATION_NOT_INITIALIZED)
    /// CKR_PIN_INCORRECT.
    public static let pinIncorrect = ReturnCode(CKR_PIN_INCORRECT)
    /// CKR_PIN_INVALID.
    public static let pinInvalid = ReturnCode(CKR_PIN_INVALID)
    /// CKR_PIN_LEN_RANGE.
    public static let pinLengthRange = ReturnCode(CKR_PIN_LEN_RANGE)
    /// CKR_PIN_LOCKED.
    public static let pinLocked = ReturnCode(CKR_PIN_LOCKED)
    /// CKR_PUBLIC_KEY_INVALID.
    public static let publicKeyInvalid = ReturnCode(CKR_PUBLIC_KEY_INVALID)
    /// CKR_RANDOM_SEED_NOT_SUPPORTED.
    public static let randomSeedNotSupported = ReturnCode(CKR_RANDOM_SEED_NOT_SUPPORTED)
    /// CKR_SAVED_STATE_INVALID.
    public static let savedStateInvalid = ReturnCode(CKR_SAVED_STATE_INVALID)
    /// CKR_SESSION_ASYNC_NOT_SUPPORTED.
    public static let sessionAsyncNotSupported = ReturnCode(CKR_SESSION_ASYNC_NOT_SUPPORTED)
    /// CKR_SESSION_EXISTS.
    public static let sessionExists = ReturnCode(CKR_SESSION_EXISTS)
    /// CKR_SESSION_HANDLE_INVALID.
    public static let sessionHandleInvalid = ReturnCode(CKR_SESSION_HANDLE_INVALID)
    /// CKR_SESSION_PARALLEL_NOT_SUPPORTED.
    public static let sessionParallelNotSupported = ReturnCode(CKR_SESSION_PARALLEL_NOT_SUPPORTED)
    /// CKR_SESSION_READ_ONLY.
    public static let sessionReadOnly = ReturnCode(CKR_SESSION_READ_ONLY)
    /// CKR_SESSION_READ_ONLY_EXISTS.
    public static let sessionReadOnlyExists = ReturnCode(CKR_SESSION_READ_ONLY_EXISTS)
    /// CKR_SESSION_READ_WRITE_SO_EXISTS.
    public static let sessionReadWriteSOExists = ReturnCode(CKR_SESSION_READ_WRITE_SO_EXISTS)
    /// CKR_SIGNATURE_INVALID.
    public static let signatureInvalid = ReturnCode(CKR_SIGNATURE_INVALID)
    /// CKR_SIGNATURE_LEN_RANGE.
    public static let signatureLengthRange = ReturnCode(CKR_SIGNATURE_LEN_RANGE)
    /// CKR_SLOT_ID_INVALID.
    public static let slotIDInvalid = ReturnCode(CKR_SLOT_ID_INVALID)
    /// CKR_STATE_UNSAVEABLE.
    public static let stateUnsaveable = ReturnCode(CKR_STATE_UNSAVEABLE)
    /// CKR_TEMPLATE_INCOMPLETE.
    public static let templateIncomplete = ReturnCode(CKR_TEMPLATE_INCOMPLETE)
    /// CKR_TEMPLATE_INCONSISTENT.
    public static let templateInconsistent = ReturnCode(CKR_TEMPLATE_INCONSISTENT)
    /// CKR_TOKEN_NOT_PRESENT.
    public static let tokenNotPresent = ReturnCode(CKR_TOKEN_NOT_PRESENT)
    /// CKR_TOKEN_NOT_RECOGNIZED.
    public static let tokenNotRecognized = ReturnCode(CKR_TOKEN_NOT_RECOGNIZED)
    /// CKR_TOKEN_WRITE_PROTECTED.
    public static let tokenWriteProtected = ReturnCode(CKR_TOKEN_WRITE_PROTECTED)
    /// CKR_UNWRAPPING_KEY_HANDLE_INVALID.
    public static let unwrappingKeyHandleInvalid = ReturnCode(CKR_UNWRAPPING_KEY_HANDLE_INVALID)
    /// CKR_UNWRAPPING_KEY_SIZE_RANGE.
    public static let unwrappingKeySizeRange = ReturnCode(CKR_UNWRAPPING_KEY_SIZE_RANGE)
    /// CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT.
    public static let unwrappingKeyTypeInconsistent = ReturnCode(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT)
    /// CKR_USER_ALREADY_LOGGED_IN.
    public static let userAlreadyLoggedIn = ReturnCode(CKR_USER_ALREADY_LOGGED_IN)
    /// CKR_USER_ANOTHER_ALREADY_LOGGED_IN.
    public static let userAnotherAlreadyLoggedIn = ReturnCode(CKR_USER_ANOTHER_ALREADY_LOGGED_IN)
    /// CKR_USER_NOT_LOGGED_IN.
    public static let userNotLoggedIn = ReturnCode(CKR_USER_NOT_LOGGED_IN)
    /// CKR_USER_TYPE_INVALID.
    public static let userTypeInvalid = ReturnCode(CKR_USER_TYPE_INVALID)
    /// CKR_WRAPPED_KEY_INVALID.
    public static let wrappedKeyInvalid = ReturnCode(CKR_WRAPPED_KEY_INVALID)
    /// CKR_WRAPPED_KEY_LEN_RANGE.
    public static let wrappedKeyLengthRange = ReturnCode(CKR_WRAPPED_KEY_LEN_RANGE)
    /// CKR_WRAPPING_KEY_HANDLE_INVALID.
    public static let wrappingKeyHandleInvalid = ReturnCode(CKR_WRAPPING_KEY_HANDLE_INVALID)
    /// CKR_WRAPPING_KEY_SIZE_RANGE.
    public static let wrappingKeySizeRange = ReturnCode(CKR_WRAPPING_KEY_SIZE_RANGE)
    /// CKR_WRAPPING_KEY_TYPE_INCONSISTENT.
    public static let wrappingKeyTypeInconsistent = ReturnCode(CKR_WRAPPING_KEY_TYPE_INCONSISTENT)
}

extension ReturnCode {
    /// What it is called that a card cannot be opened: nobody can tell what a card is that does not answer.
    init(opening error: TokenError) {
        self = error == .unresponsive ? .tokenNotRecognized : ReturnCode(error)
    }

    /// What a token's answer is called at the C border, for functions that use objects and keys.
    init(_ error: TokenError) {
        switch error {
        case .pinIncorrect: self = .pinIncorrect
        case .pinBlocked: self = .pinLocked
        case .pinLengthOutOfRange: self = .pinLengthRange
        case .pinMalformed, .pinTooSimple, .newPINsDiffer: self = .pinInvalid
        // "The appropriate user is not logged in": what CKR_USER_NOT_LOGGED_IN means.
        case .notLoggedIn, .keptPINRefused, .useNotAuthenticated, .administratorNeeded: self = .userNotLoggedIn
        case .readOnly: self = .actionProhibited
        case .removed, .serviceUnavailable: self = .deviceRemoved
        case .notRecognised: self = .tokenNotRecognized
        case .heldByAnother, .unresponsive: self = .deviceError
        case .pinMissing: self = .argumentsBad
        // "It also happens to a function that performs PIN entry through a protected path": CKR_FUNCTION_CANCELED.
        case .userActionMissing, .pinEntryEnded: self = .functionCanceled
        case .objectNotFound: self = .objectHandleInvalid
        case .unsupported: self = .keyFunctionNotPermitted
        case .dataInvalid: self = .dataInvalid
        case .certificateOfAnotherKey: self = .attributeValueInvalid
        case .algorithmNotSupported: self = .attributeValueInvalid
        case .memoryFull: self = .deviceMemory
        case .failed: self = .deviceError
        }
    }
}

import Token

/// The functions that set a token up. What they may return PKCS#11 3.2 lists for each (sections 5.5.7 to 5.5.9, 5.7.1 and
/// 5.18.2), and the usual name of a token's answer (`ReturnCode.init(_: TokenError)`) is not always among it.
enum SetupFunction: CaseIterable {
    /// C_InitToken.
    case initializeToken
    /// C_InitPIN.
    case initializePIN
    /// C_SetPIN.
    case setPIN
    /// C_CreateObject, and what else puts an object onto the token: C_CopyObject, C_GenerateKeyPair, C_UnwrapKey.
    case createObject

    /// What a token's answer is called here.
    func returnCode(_ error: TokenError) -> ReturnCode {
        let usual = ReturnCode(error)
        return ownNames[usual] ?? Self.commonNames[usual] ?? usual
    }

    /// A card that cannot do this, whoever asks.
    private static let commonNames: [ReturnCode: ReturnCode] = [
        .keyFunctionNotPermitted: .tokenWriteProtected, .actionProhibited: .tokenWriteProtected,
        .objectHandleInvalid: .functionFailed, .tokenNotRecognized: .deviceError,
    ]

    private var ownNames: [ReturnCode: ReturnCode] {
        switch self {
        // No other secret is given than the SO's, and of that only whether it is right can be said.
        case .initializeToken:
            [
                .pinLengthRange: .pinIncorrect, .pinInvalid: .pinIncorrect, .userNotLoggedIn: .pinIncorrect,
                .dataInvalid: .functionFailed, .attributeValueInvalid: .functionFailed,
                .tokenNotRecognized: .tokenNotRecognized,
            ]
        // The new PIN cannot be wrong, and it is not the user's that is blocked.
        case .initializePIN:
            [
                .pinIncorrect: .functionFailed, .pinLocked: .functionFailed, .dataInvalid: .pinInvalid,
                .attributeValueInvalid: .functionFailed, .keyFunctionNotPermitted: .functionFailed,
            ]
        case .setPIN:
            [
                .userNotLoggedIn: .functionFailed, .dataInvalid: .pinInvalid, .attributeValueInvalid: .functionFailed,
                .keyFunctionNotPermitted: .functionFailed,
            ]
        // A secret that the card refuses here is one that was kept for the login.
        case .createObject:
            [
                .pinIncorrect: .userNotLoggedIn, .pinLocked: .userNotLoggedIn, .pinLengthRange: .userNotLoggedIn,
                .pinInvalid: .userNotLoggedIn, .functionCanceled: .functionFailed, .dataInvalid: .attributeValueInvalid,
                // Policies that the card does not have, or a kind of object that it does not take.
                .keyFunctionNotPermitted: .attributeValueInvalid,
            ]
        }
    }
}

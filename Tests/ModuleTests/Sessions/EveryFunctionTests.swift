import CPKCS11
import TestSupport
import Testing

/// Every function of the three lists, called with nothing: before the library is there, with a session that is not, and
/// with NULL and zero for all else.
@Suite struct EveryFunctionTests {
    /// Functions that need no library, take a pointer first, or would wait for somebody.
    private static let others: Set<String> = [
        "C_Initialize", "C_Finalize", "C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface", "C_GetInfo",
        "C_WaitForSlotEvent",
    ]

    /// Functions whose first argument is no session, with what they answer to a slot that is none.
    private static let withoutSession = [
        "C_CloseAllSessions": CKR_SLOT_ID_INVALID, "C_GetMechanismList": CKR_SLOT_ID_INVALID,
        "C_GetMechanismInfo": CKR_ARGUMENTS_BAD, "C_GetSlotInfo": CKR_ARGUMENTS_BAD,
        "C_GetSlotList": CKR_ARGUMENTS_BAD, "C_GetTokenInfo": CKR_ARGUMENTS_BAD, "C_OpenSession": CKR_ARGUMENTS_BAD,
        "C_InitToken": CKR_ARGUMENTS_BAD,
    ]

    /// What those with a session answer where all else is nothing, unless it is CKR_ARGUMENTS_BAD.
    private static let answers: [CK_RV: String] = [
        // What a card has no use for: asynchronous calls, encapsulation, validated modules, authenticated wrapping.
        CKR_FUNCTION_NOT_SUPPORTED: """
        AsyncComplete AsyncGetID AsyncJoin DecapsulateKey EncapsulateKey GetSessionValidationFlags \
        UnwrapKeyAuthenticated WrapKeyAuthenticated
        """,
        CKR_FUNCTION_NOT_PARALLEL: "CancelFunction GetFunctionStatus",
        CKR_OBJECT_HANDLE_INVALID: "DestroyObject GetAttributeValue SetAttributeValue",
        CKR_OPERATION_NOT_INITIALIZED: """
        DecryptMessage DecryptMessageBegin DecryptMessageNext DigestKey DigestUpdate EncryptMessage \
        EncryptMessageBegin EncryptMessageNext FindObjectsFinal MessageDecryptFinal MessageEncryptFinal \
        MessageSignFinal MessageVerifyFinal SignMessage SignMessageBegin SignMessageNext SignUpdate Verify VerifyFinal \
        VerifyMessage VerifyMessageBegin VerifyMessageNext VerifySignature VerifySignatureFinal \
        VerifySignatureUpdate VerifyUpdate
        """,
        CKR_SAVED_STATE_INVALID: "SetOperationState", CKR_RANDOM_SEED_NOT_SUPPORTED: "SeedRandom",
        // A NULL PIN may be typed on the reader, so what is wrong is the missing login.
        CKR_USER_NOT_LOGGED_IN: "InitPIN Logout",
        // Without a mechanism they end what is active; no random bytes are soon made; a search for anything begins.
        CKR_OK: """
        CloseSession DecryptInit DigestInit EncryptInit FindObjectsInit GenerateRandom MessageDecryptInit \
        MessageEncryptInit MessageSignInit MessageVerifyInit SessionCancel SignInit SignRecoverInit VerifyInit \
        VerifyRecoverInit VerifySignatureInit
        """,
    ]

    @Test func everyFunctionAnswers() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let driver = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/every-function.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        let names = try ModuleFileTests.declaredFunctions().subtracting(Self.others).sorted()
        let lines = try world.run([driver, try BuiltModule.path()] + names).checked().lines
        #expect(lines.count == names.count)
        for line in lines {
            let words = line.split(separator: " ")
            let name = String(words[0]), codes = words.dropFirst().compactMap { CK_RV($0, radix: 16) }
            let unasked = Self.withoutSession[name]
            let expected =
                unasked
                ?? Self.answers.first { _, names in names.split(separator: " ").contains(words[0].dropFirst(2)) }?.key
            #expect(
                codes == [
                    CKR_CRYPTOKI_NOT_INITIALIZED, unasked ?? CKR_SESSION_HANDLE_INVALID, expected ?? CKR_ARGUMENTS_BAD,
                ],
                "\(line)")
        }
    }
}

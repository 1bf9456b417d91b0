#include "CFunctionList.h"

/* Each list begins with all of the one before. */
#define FUNCTIONS_BEFORE_ATTRIBUTES \
    .C_Initialize = C_Initialize, \
    .C_Finalize = C_Finalize, \
    .C_GetInfo = C_GetInfo, \
    .C_GetFunctionList = C_GetFunctionList, \
    .C_GetSlotList = C_GetSlotList, \
    .C_GetSlotInfo = C_GetSlotInfo, \
    .C_GetTokenInfo = C_GetTokenInfo, \
    .C_GetMechanismList = C_GetMechanismList, \
    .C_GetMechanismInfo = C_GetMechanismInfo, \
    .C_InitToken = C_InitToken, \
    .C_InitPIN = C_InitPIN, \
    .C_SetPIN = C_SetPIN, \
    .C_OpenSession = C_OpenSession, \
    .C_CloseSession = C_CloseSession, \
    .C_CloseAllSessions = C_CloseAllSessions, \
    .C_GetSessionInfo = C_GetSessionInfo, \
    .C_GetOperationState = C_GetOperationState, \
    .C_SetOperationState = C_SetOperationState, \
    .C_Login = C_Login, \
    .C_Logout = C_Logout, \
    .C_CreateObject = C_CreateObject, \
    .C_CopyObject = C_CopyObject, \
    .C_DestroyObject = C_DestroyObject, \
    .C_GetObjectSize = C_GetObjectSize

#define FUNCTIONS_AFTER_ATTRIBUTES \
    .C_SetAttributeValue = C_SetAttributeValue, \
    .C_FindObjectsInit = C_FindObjectsInit, \
    .C_FindObjects = C_FindObjects, \
    .C_FindObjectsFinal = C_FindObjectsFinal, \
    .C_EncryptInit = C_EncryptInit, \
    .C_Encrypt = C_Encrypt, \
    .C_EncryptUpdate = C_EncryptUpdate, \
    .C_EncryptFinal = C_EncryptFinal, \
    .C_DecryptInit = C_DecryptInit, \
    .C_Decrypt = C_Decrypt, \
    .C_DecryptUpdate = C_DecryptUpdate, \
    .C_DecryptFinal = C_DecryptFinal, \
    .C_DigestInit = C_DigestInit, \
    .C_Digest = C_Digest, \
    .C_DigestUpdate = C_DigestUpdate, \
    .C_DigestKey = C_DigestKey, \
    .C_DigestFinal = C_DigestFinal, \
    .C_SignInit = C_SignInit, \
    .C_Sign = C_Sign, \
    .C_SignUpdate = C_SignUpdate, \
    .C_SignFinal = C_SignFinal, \
    .C_SignRecoverInit = C_SignRecoverInit, \
    .C_SignRecover = C_SignRecover, \
    .C_VerifyInit = C_VerifyInit, \
    .C_Verify = C_Verify, \
    .C_VerifyUpdate = C_VerifyUpdate, \
    .C_VerifyFinal = C_VerifyFinal, \
    .C_VerifyRecoverInit = C_VerifyRecoverInit, \
    .C_VerifyRecover = C_VerifyRecover, \
    .C_DigestEncryptUpdate = C_DigestEncryptUpdate, \
    .C_DecryptDigestUpdate = C_DecryptDigestUpdate, \
    .C_SignEncryptUpdate = C_SignEncryptUpdate, \
    .C_DecryptVerifyUpdate = C_DecryptVerifyUpdate, \
    .C_GenerateKey = C_GenerateKey, \
    .C_GenerateKeyPair = C_GenerateKeyPair, \
    .C_WrapKey = C_WrapKey, \
    .C_UnwrapKey = C_UnwrapKey, \
    .C_DeriveKey = C_DeriveKey, \
    .C_SeedRandom = C_SeedRandom, \
    .C_GenerateRandom = C_GenerateRandom, \
    .C_GetFunctionStatus = C_GetFunctionStatus, \
    .C_CancelFunction = C_CancelFunction, \
    .C_WaitForSlotEvent = C_WaitForSlotEvent

#define FUNCTIONS_2_40 \
    FUNCTIONS_BEFORE_ATTRIBUTES, .C_GetAttributeValue = C_GetAttributeValue, FUNCTIONS_AFTER_ATTRIBUTES

#define FUNCTIONS_3_0 \
    .C_GetInterfaceList = C_GetInterfaceList, \
    .C_GetInterface = C_GetInterface, \
    .C_LoginUser = C_LoginUser, \
    .C_SessionCancel = C_SessionCancel, \
    .C_MessageEncryptInit = C_MessageEncryptInit, \
    .C_EncryptMessage = C_EncryptMessage, \
    .C_EncryptMessageBegin = C_EncryptMessageBegin, \
    .C_EncryptMessageNext = C_EncryptMessageNext, \
    .C_MessageEncryptFinal = C_MessageEncryptFinal, \
    .C_MessageDecryptInit = C_MessageDecryptInit, \
    .C_DecryptMessage = C_DecryptMessage, \
    .C_DecryptMessageBegin = C_DecryptMessageBegin, \
    .C_DecryptMessageNext = C_DecryptMessageNext, \
    .C_MessageDecryptFinal = C_MessageDecryptFinal, \
    .C_MessageSignInit = C_MessageSignInit, \
    .C_SignMessage = C_SignMessage, \
    .C_SignMessageBegin = C_SignMessageBegin, \
    .C_SignMessageNext = C_SignMessageNext, \
    .C_MessageSignFinal = C_MessageSignFinal, \
    .C_MessageVerifyInit = C_MessageVerifyInit, \
    .C_VerifyMessage = C_VerifyMessage, \
    .C_VerifyMessageBegin = C_VerifyMessageBegin, \
    .C_VerifyMessageNext = C_VerifyMessageNext, \
    .C_MessageVerifyFinal = C_MessageVerifyFinal

#define FUNCTIONS_3_2 \
    .C_EncapsulateKey = C_EncapsulateKey, \
    .C_DecapsulateKey = C_DecapsulateKey, \
    .C_VerifySignatureInit = C_VerifySignatureInit, \
    .C_VerifySignature = C_VerifySignature, \
    .C_VerifySignatureUpdate = C_VerifySignatureUpdate, \
    .C_VerifySignatureFinal = C_VerifySignatureFinal, \
    .C_GetSessionValidationFlags = C_GetSessionValidationFlags, \
    .C_AsyncComplete = C_AsyncComplete, \
    .C_AsyncGetID = C_AsyncGetID, \
    .C_AsyncJoin = C_AsyncJoin, \
    .C_WrapKeyAuthenticated = C_WrapKeyAuthenticated, \
    .C_UnwrapKeyAuthenticated = C_UnwrapKeyAuthenticated

static const CK_FUNCTION_LIST list_2_40 = {.version = {2, 40}, FUNCTIONS_2_40};

static const CK_FUNCTION_LIST_3_0 list_3_0 = {.version = {3, 0}, FUNCTIONS_2_40, FUNCTIONS_3_0};

/* The one difference of behaviour between the interfaces: see martlet_get_attribute_value_3_2. */
#define FUNCTIONS_2_40_IN_3_2 FUNCTIONS_BEFORE_ATTRIBUTES, \
    .C_GetAttributeValue = martlet_get_attribute_value_3_2, FUNCTIONS_AFTER_ATTRIBUTES

static const CK_FUNCTION_LIST_3_2 list_3_2 = {.version = {3, 2}, FUNCTIONS_2_40_IN_3_2, FUNCTIONS_3_0, FUNCTIONS_3_2};

/* Not CKF_INTERFACE_FORK_SAFE: that promises a child its parent's sessions, logins and handles (section 3.6), and a
   child of ours starts anew with C_Initialize. */
#define INTERFACE(list) {(CK_UTF8CHAR_PTR) "PKCS 11", (CK_VOID_PTR) &list, 0}

static const CK_INTERFACE interfaces[] = {INTERFACE(list_3_2), INTERFACE(list_3_0), INTERFACE(list_2_40)};

CK_FUNCTION_LIST_PTR martlet_function_list(void) {
    return (CK_FUNCTION_LIST_PTR) &list_2_40;
}

CK_ULONG martlet_interface_count(void) {
    return sizeof interfaces / sizeof interfaces[0];
}

CK_INTERFACE_PTR martlet_interface(CK_ULONG index) {
    return index < martlet_interface_count() ? (CK_INTERFACE_PTR) &interfaces[index] : NULL_PTR;
}

CK_VERSION martlet_interface_version(const CK_INTERFACE *interface) {
    return *(const CK_VERSION *) interface->pFunctionList;
}

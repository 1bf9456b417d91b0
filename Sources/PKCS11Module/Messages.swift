// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11

// Chapters on message-based functions (PKCS#11 3.2, sections 5.9, 5.11, 5.14 and 5.17).
// None of these is there yet.

@c @implementation
public func C_MessageEncryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageEncryptFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_EncryptMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG, _ pPlaintext: CK_BYTE_PTR!,
    _ ulPlaintextLen: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!, _ pulCiphertextLen: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_EncryptMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_EncryptMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pPlaintextPart: CK_BYTE_PTR!, _ ulPlaintextPartLen: CK_ULONG, _ pCiphertextPart: CK_BYTE_PTR!,
    _ pulCiphertextPartLen: CK_ULONG_PTR!, _ flags: CK_FLAGS
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageDecryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageDecryptFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_DecryptMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ ulCiphertextLen: CK_ULONG, _ pPlaintext: CK_BYTE_PTR!, _ pulPlaintextLen: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_DecryptMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_DecryptMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pCiphertextPart: CK_BYTE_PTR!, _ ulCiphertextPartLen: CK_ULONG, _ pPlaintextPart: CK_BYTE_PTR!,
    _ pulPlaintextPartLen: CK_ULONG_PTR!, _ flags: CK_FLAGS
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageSignInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageSignFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_SignMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_SignMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_SignMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageVerifyInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_MessageVerifyFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_VerifyMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_VerifyMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_VerifyMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV { unsupported(hSession) }

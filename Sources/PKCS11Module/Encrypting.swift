// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11

// Chapter "Encryption functions" (PKCS#11 3.2, section 5.8), and decryption with verification of an attribute.
// None of these is there yet.

@c @implementation
public func C_EncryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV { unsupported() }

@c @implementation
public func C_Encrypt(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pEncryptedData: CK_BYTE_PTR!,
    _ pulEncryptedDataLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_EncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_EncryptFinal(
    _ hSession: CK_SESSION_HANDLE, _ pLastEncryptedPart: CK_BYTE_PTR!, _ pulLastEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

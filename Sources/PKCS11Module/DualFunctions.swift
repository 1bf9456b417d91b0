// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11

// Chapter "Dual-function cryptographic functions" (PKCS#11 3.2, section 5.16).
// None of these is there yet.

@c @implementation
public func C_DigestEncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_DecryptDigestUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR!, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR!, _ pulPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_SignEncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_DecryptVerifyUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR!, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR!, _ pulPartLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Dual-function cryptographic functions" (PKCS#11 3.2, section 5.17).

@c @implementation
public func C_DigestEncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_ENCRYPT, pPart, ulPartLen, pEncryptedPart, pulEncryptedPartLen) {
        (session, part, capacity, _) throws(ReturnCode) in
        try session.digestEncryptUpdate(part: part, capacity: capacity)
    }
}

@c @implementation
public func C_DecryptDigestUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR!, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR!, _ pulPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_DECRYPT, pEncryptedPart, ulEncryptedPartLen, pPart, pulPartLen) {
        (session, part, capacity, _) throws(ReturnCode) in
        try session.decryptDigestUpdate(part: part, capacity: capacity)
    }
}

@c @implementation
public func C_SignEncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_ENCRYPT, pPart, ulPartLen, pEncryptedPart, pulEncryptedPartLen) {
        (session, part, capacity, _) throws(ReturnCode) in
        try session.signEncryptUpdate(part: part, capacity: capacity)
    }
}

@c @implementation
public func C_DecryptVerifyUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR!, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR!, _ pulPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_DECRYPT, pEncryptedPart, ulEncryptedPartLen, pPart, pulPartLen) {
        (session, part, capacity, _) throws(ReturnCode) in
        try session.decryptVerifyUpdate(part: part, capacity: capacity)
    }
}

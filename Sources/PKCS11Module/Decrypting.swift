// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Decryption functions" (PKCS#11 3.2, section 5.10).

@c @implementation
public func C_DecryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_DECRYPT) { (session, mechanism) throws(ReturnCode) in
        try session.decryptInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_Decrypt(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedData: CK_BYTE_PTR!, _ ulEncryptedDataLen: CK_ULONG,
    _ pData: CK_BYTE_PTR!, _ pulDataLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_DECRYPT, pEncryptedData, ulEncryptedDataLen, pData, pulDataLen) {
        (session, ciphertext, capacity, buffer) throws(ReturnCode) in
        try session.decrypt(ciphertext: ciphertext, capacity: capacity, into: buffer)
    }
}

@c @implementation
public func C_DecryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR!, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR!, _ pulPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_DECRYPT, pEncryptedPart, ulEncryptedPartLen, pPart, pulPartLen) {
        (session, part, capacity, buffer) throws(ReturnCode) in
        try session.decryptUpdate(part: part, capacity: capacity, into: buffer)
    }
}

@c @implementation
public func C_DecryptFinal(
    _ hSession: CK_SESSION_HANDLE, _ pLastPart: CK_BYTE_PTR!, _ pulLastPartLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_DECRYPT) { (session) throws(ReturnCode) in
        try fill(pLastPart, pulLastPartLen) { (capacity) throws(ReturnCode) in
            try session.decryptFinal(capacity: capacity)
        }
    }
}

// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Encryption functions" (PKCS#11 3.2, section 5.8).

@c @implementation
public func C_EncryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_ENCRYPT) { (session, mechanism) throws(ReturnCode) in
        try session.encryptInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_Encrypt(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pEncryptedData: CK_BYTE_PTR!,
    _ pulEncryptedDataLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_ENCRYPT, pData, ulDataLen, pEncryptedData, pulEncryptedDataLen) {
        (session, data, capacity, buffer) throws(ReturnCode) in
        try session.encrypt(data: data, capacity: capacity, into: buffer)
    }
}

@c @implementation
public func C_EncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR!,
    _ pulEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_ENCRYPT, pPart, ulPartLen, pEncryptedPart, pulEncryptedPartLen) {
        (session, part, capacity, buffer) throws(ReturnCode) in
        try session.encryptUpdate(part: part, capacity: capacity, into: buffer)
    }
}

@c @implementation
public func C_EncryptFinal(
    _ hSession: CK_SESSION_HANDLE, _ pLastEncryptedPart: CK_BYTE_PTR!, _ pulLastEncryptedPartLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_ENCRYPT) { (session) throws(ReturnCode) in
        try fill(pLastEncryptedPart, pulLastEncryptedPartLen) { (capacity) throws(ReturnCode) in
            try session.encryptFinal(capacity: capacity)
        }
    }
}

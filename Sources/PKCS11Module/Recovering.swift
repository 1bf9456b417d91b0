// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Signatures that hold their message (PKCS#11 3.2, sections 5.13.5, 5.13.6, 5.15.5 and 5.15.6).

@c @implementation
public func C_SignRecoverInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_SIGN_RECOVER) { (session, mechanism) throws(ReturnCode) in
        try session.signRecoverInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_SignRecover(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!,
    _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_SIGN_RECOVER, pData, ulDataLen, pSignature, pulSignatureLen) {
        (session, data, capacity, _) throws(ReturnCode) in
        try session.signRecover(data: data, capacity: capacity)
    }
}

@c @implementation
public func C_VerifyRecoverInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_VERIFY_RECOVER) { (session, mechanism) throws(ReturnCode) in
        try session.verifyRecoverInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_VerifyRecover(
    _ hSession: CK_SESSION_HANDLE, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ pulDataLen: CK_ULONG_PTR!
) -> CK_RV {
    transform(hSession, CKF_VERIFY_RECOVER, pSignature, ulSignatureLen, pData, pulDataLen) {
        (session, signature, capacity, _) throws(ReturnCode) in
        try session.verifyRecover(signature: signature, capacity: capacity)
    }
}

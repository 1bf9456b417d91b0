// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Signing and MACing functions" (PKCS#11 3.2, section 5.13).

@c @implementation
public func C_SignInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_SIGN) { (session, mechanism) throws(ReturnCode) in
        try session.signInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_Sign(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!,
    _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_SIGN) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try fill(pSignature, pulSignatureLen) { (capacity) throws(ReturnCode) in
                try session.sign(data: data, capacity: capacity)
            }
        }
    }
}

@c @implementation
public func C_SignUpdate(_ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_SIGN) { (session) throws(ReturnCode) in
        try lending(pPart, ulPartLen) { (part) throws(ReturnCode) in try session.signUpdate(part: part) }
    }
}

@c @implementation
public func C_SignFinal(
    _ hSession: CK_SESSION_HANDLE, _ pSignature: CK_BYTE_PTR!, _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_SIGN) { (session) throws(ReturnCode) in
        try fill(pSignature, pulSignatureLen) { (capacity) throws(ReturnCode) in
            try session.signFinal(capacity: capacity)
        }
    }
}

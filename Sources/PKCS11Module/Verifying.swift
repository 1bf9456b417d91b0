// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Functions for verifying signatures and MACs" (PKCS#11 3.2, section 5.15).

@c @implementation
public func C_VerifyInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_VERIFY) { (session, mechanism) throws(ReturnCode) in
        try session.verifyInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_Verify(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!,
    _ ulSignatureLen: CK_ULONG
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_VERIFY) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try lending(pSignature, ulSignatureLen, most: .max) { (signature) throws(ReturnCode) in
                try session.verify(data: data, signature: signature)
            }
        }
    }
}

@c @implementation
public func C_VerifyUpdate(_ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_VERIFY) { (session) throws(ReturnCode) in
        try lending(pPart, ulPartLen) { (part) throws(ReturnCode) in try session.verifyUpdate(part: part) }
    }
}

@c @implementation
public func C_VerifyFinal(
    _ hSession: CK_SESSION_HANDLE, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_VERIFY) { (session) throws(ReturnCode) in
        try lending(pSignature, ulSignatureLen, most: .max) { (signature) throws(ReturnCode) in
            try session.verifyFinal(signature: signature)
        }
    }
}

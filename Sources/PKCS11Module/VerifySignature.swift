// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Verification with the signature given first, and functions beside a session (PKCS#11 3.2, sections 5.6 and 5.16).
// Only the verification is there yet.

@c @implementation
public func C_GetSessionValidationFlags(
    _ hSession: CK_SESSION_HANDLE, _ type: CK_SESSION_VALIDATION_FLAGS_TYPE, _ pFlags: CK_FLAGS_PTR!
) -> CK_RV { unsupported(hSession) }

/// The bytes of the longest signature there is: RSA of 16384 bits.
private let longestSignature = 2048

@c @implementation
public func C_VerifySignatureInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE,
    _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV {
    begin(hSession, pMechanism, CKF_VERIFY) { (session, mechanism) throws(ReturnCode) in
        // What is longer than any signature is not read; no other length is as wrong as none.
        let signature = try lending(pSignature, ulSignatureLen, most: .max) { (given) in
            given.byteCount <= longestSignature ? [UInt8](given) : []
        }
        try session.verifyInit(mechanism: mechanism, key: hKey, signature: signature)
    }
}

@c @implementation
public func C_VerifySignature(_ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_VERIFY) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try session.verifySignature(data: data)
        }
    }
}

@c @implementation
public func C_VerifySignatureUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_VERIFY) { (session) throws(ReturnCode) in
        try lending(pPart, ulPartLen) { (part) throws(ReturnCode) in
            try session.verifySignatureUpdate(part: part)
        }
    }
}

@c @implementation
public func C_VerifySignatureFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.verifySignatureFinal() }
}

@c @implementation
public func C_AsyncComplete(
    _ hSession: CK_SESSION_HANDLE, _ pFunctionName: CK_UTF8CHAR_PTR!, _ pResult: CK_ASYNC_DATA_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_AsyncGetID(
    _ hSession: CK_SESSION_HANDLE, _ pFunctionName: CK_UTF8CHAR_PTR!, _ pulID: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_AsyncJoin(
    _ hSession: CK_SESSION_HANDLE, _ pFunctionName: CK_UTF8CHAR_PTR!, _ ulID: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulData: CK_ULONG
) -> CK_RV { unsupported(hSession) }

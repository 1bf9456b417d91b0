// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapters on message-based signing and verification (PKCS#11 3.2, sections 5.14 and 5.16).

@c @implementation
public func C_MessageSignInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_MESSAGE_SIGN) { (session, mechanism) throws(ReturnCode) in
        try session.messageSignInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_MessageSignFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.messageSignFinal() }
}

@c @implementation
public func C_SignMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_SIGN, ulParameterLen) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try fill(pSignature, pulSignatureLen) { (capacity) throws(ReturnCode) in
                try session.signMessage(data: data, capacity: capacity)
            }
        }
    }
}

@c @implementation
public func C_SignMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_SIGN, ulParameterLen) { (session) throws(ReturnCode) in
        try session.signMessageBegin()
    }
}

@c @implementation
public func C_SignMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ pulSignatureLen: CK_ULONG_PTR!
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_SIGN, ulParameterLen, goesOn: true) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (part) throws(ReturnCode) in
            // Without a place for the length more is to come.
            guard let pulSignatureLen else {
                _ = try session.signMessageNext(part: part, capacity: nil, isLast: false)
                return
            }
            try fill(pSignature, pulSignatureLen) { (capacity) throws(ReturnCode) in
                try session.signMessageNext(part: part, capacity: capacity, isLast: true)
            }
        }
    }
}

@c @implementation
public func C_MessageVerifyInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    begin(hSession, pMechanism, CKF_MESSAGE_VERIFY) { (session, mechanism) throws(ReturnCode) in
        try session.messageVerifyInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_MessageVerifyFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.messageVerifyFinal() }
}

@c @implementation
public func C_VerifyMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_VERIFY, ulParameterLen) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try lending(pSignature, ulSignatureLen, most: .max) { (signature) throws(ReturnCode) in
                try session.verifyMessage(data: data, signature: signature)
            }
        }
    }
}

@c @implementation
public func C_VerifyMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_VERIFY, ulParameterLen) { (session) throws(ReturnCode) in
        try session.verifyMessageBegin()
    }
}

@c @implementation
public func C_VerifyMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG, _ pData: CK_BYTE_PTR!,
    _ ulDataLen: CK_ULONG, _ pSignature: CK_BYTE_PTR!, _ ulSignatureLen: CK_ULONG
) -> CK_RV {
    signMessages(hSession, CKF_MESSAGE_VERIFY, ulParameterLen, goesOn: true) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (part) throws(ReturnCode) in
            try lending(pSignature, ulSignatureLen, most: .max) { (signature) throws(ReturnCode) in
                // Without a signature more is to come.
                try session.verifyMessageNext(part: part, signature: signature, isLast: pSignature != nil)
            }
        }
    }
}

/// A function that goes on with a series of messages whose mechanism has no parameter for each of them.
private func signMessages(
    _ session: CK_SESSION_HANDLE, _ operation: CK_FLAGS, _ parameterSize: CK_ULONG, goesOn: Bool = false,
    _ body: (Session) throws(ReturnCode) -> Void
) -> CK_RV {
    continueMessages(session, operation, goesOn: goesOn) { (session) throws(ReturnCode) in
        guard parameterSize == 0 else { throw .mechanismParameterInvalid }
        try body(session)
    }
}

// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapters on message-based encryption and decryption (PKCS#11 3.2, sections 5.9 and 5.11).

@c @implementation
public func C_MessageEncryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    beginMessages(hSession, pMechanism, CKF_MESSAGE_ENCRYPT) { (session, mechanism) throws(ReturnCode) in
        try session.messageEncryptInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_MessageEncryptFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.messageEncryptFinal() }
}

@c @implementation
public func C_EncryptMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG, _ pPlaintext: CK_BYTE_PTR!,
    _ ulPlaintextLen: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!, _ pulCiphertextLen: CK_ULONG_PTR!
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_ENCRYPT) { (session) throws(ReturnCode) in
        let fields = try messageFields(pParameter, ulParameterLen)
        let (parameters, data) = try (
            copyMessage(fields, pCiphertext == nil ? .unused : .wanted),
            copyAssociated(pAssociatedData, ulAssociatedDataLen)
        )
        try lending(pPlaintext, ulPlaintextLen) { (plaintext) throws(ReturnCode) in
            try fill(pCiphertext, pulCiphertextLen) { (capacity) throws(ReturnCode) in
                let (output, result) = try session.encryptMessage(
                    parameters, authenticating: data, plaintext: plaintext, capacity: capacity)
                if let result {
                    fields.pIv?.update(from: result.iv, count: result.iv.count)
                    fields.pTag?.update(from: result.tag, count: result.tag.count)
                }
                return output
            }
        }
    }
}

@c @implementation
public func C_EncryptMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_ENCRYPT) { (session) throws(ReturnCode) in
        let fields = try messageFields(pParameter, ulParameterLen)
        let iv = try session.encryptMessageBegin(
            copyMessage(fields, .unused),
            authenticating: copyAssociated(pAssociatedData, ulAssociatedDataLen))
        fields.pIv?.update(from: iv, count: iv.count)
    }
}

@c @implementation
public func C_EncryptMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pPlaintextPart: CK_BYTE_PTR!, _ ulPlaintextPartLen: CK_ULONG, _ pCiphertextPart: CK_BYTE_PTR!,
    _ pulCiphertextPartLen: CK_ULONG_PTR!, _ flags: CK_FLAGS
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_ENCRYPT, goesOn: true) { (session) throws(ReturnCode) in
        let fields = try messageFields(pParameter, ulParameterLen)
        let givesTag = flags & CKF_END_OF_MESSAGE != 0 && pCiphertextPart != nil
        _ = try copyMessage(fields, givesTag ? .wanted : .unused)
        try lending(pPlaintextPart, ulPlaintextPartLen) { (part) throws(ReturnCode) in
            try fill(pCiphertextPart, pulCiphertextPartLen) { (capacity) throws(ReturnCode) in
                let (output, tag) = try session.encryptMessageNext(part: part, capacity: capacity, flags: flags)
                // No longer than the tag that the message was begun with.
                if let tag {
                    guard CK_ULONG(tag.count) * 8 == fields.ulTagBits else { throw .mechanismParameterInvalid }
                    fields.pTag?.update(from: tag, count: tag.count)
                }
                return output
            }
        }
    }
}

@c @implementation
public func C_MessageDecryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    beginMessages(hSession, pMechanism, CKF_MESSAGE_DECRYPT) { (session, mechanism) throws(ReturnCode) in
        try session.messageDecryptInit(mechanism: mechanism, key: hKey)
    }
}

@c @implementation
public func C_MessageDecryptFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.messageDecryptFinal() }
}

@c @implementation
public func C_DecryptMessage(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ ulCiphertextLen: CK_ULONG, _ pPlaintext: CK_BYTE_PTR!, _ pulPlaintextLen: CK_ULONG_PTR!
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_DECRYPT) { (session) throws(ReturnCode) in
        let fields = try messageFields(pParameter, ulParameterLen)
        let (parameters, data) = try (
            copyMessage(fields, pPlaintext == nil ? .unused : .given),
            copyAssociated(pAssociatedData, ulAssociatedDataLen)
        )
        try lending(pCiphertext, ulCiphertextLen) { (ciphertext) throws(ReturnCode) in
            try fill(pPlaintext, pulPlaintextLen) { (capacity) throws(ReturnCode) in
                try session.decryptMessage(parameters, authenticating: data, ciphertext: ciphertext, capacity: capacity)
            }
        }
    }
}

@c @implementation
public func C_DecryptMessageBegin(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_DECRYPT) { (session) throws(ReturnCode) in
        let parameters = try copyMessage(messageFields(pParameter, ulParameterLen), .unused)
        try session.decryptMessageBegin(
            parameters, authenticating: copyAssociated(pAssociatedData, ulAssociatedDataLen))
    }
}

@c @implementation
public func C_DecryptMessageNext(
    _ hSession: CK_SESSION_HANDLE, _ pParameter: CK_VOID_PTR!, _ ulParameterLen: CK_ULONG,
    _ pCiphertextPart: CK_BYTE_PTR!, _ ulCiphertextPartLen: CK_ULONG, _ pPlaintextPart: CK_BYTE_PTR!,
    _ pulPlaintextPartLen: CK_ULONG_PTR!, _ flags: CK_FLAGS
) -> CK_RV {
    continueMessages(hSession, CKF_MESSAGE_DECRYPT, goesOn: true) { (session) throws(ReturnCode) in
        let takesTag = flags & CKF_END_OF_MESSAGE != 0 && pPlaintextPart != nil
        let parameters = try copyMessage(messageFields(pParameter, ulParameterLen), takesTag ? .given : .unused)
        try lending(pCiphertextPart, ulCiphertextPartLen) { (part) throws(ReturnCode) in
            try fill(pPlaintextPart, pulPlaintextPartLen) { (capacity) throws(ReturnCode) in
                try session.decryptMessageNext(parameters, part: part, capacity: capacity, flags: flags)
            }
        }
    }
}

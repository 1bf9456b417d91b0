// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Key management functions" (PKCS#11 3.2, section 5.18).
// Key encapsulation and authenticated wrapping are not there yet.

@c @implementation
public func C_GenerateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    makeKey(hSession, pMechanism, pTemplate, ulCount, phKey) { (session, mechanism, template) throws(ReturnCode) in
        try session.generateKey(mechanism: mechanism, template)
    }
}

@c @implementation
public func C_GenerateKeyPair(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ pPublicKeyTemplate: CK_ATTRIBUTE_PTR!,
    _ ulPublicKeyAttributeCount: CK_ULONG, _ pPrivateKeyTemplate: CK_ATTRIBUTE_PTR!,
    _ ulPrivateKeyAttributeCount: CK_ULONG, _ phPublicKey: CK_OBJECT_HANDLE_PTR!,
    _ phPrivateKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let mechanism = copyMechanism(try required(pMechanism).pointee)
        let (publicKey, privateKey) = (try required(phPublicKey), try required(phPrivateKey))
        let made = try copyingTemplate(pPublicKeyTemplate, ulPublicKeyAttributeCount) {
            (publicTemplate) throws(ReturnCode) in
            try copyingTemplate(pPrivateKeyTemplate, ulPrivateKeyAttributeCount) {
                (privateTemplate) throws(ReturnCode) in
                try session.generateKeyPair(
                    mechanism: mechanism, publicKey: publicTemplate, privateKey: privateTemplate)
            }
        }
        (publicKey.pointee, privateKey.pointee) = (made.publicKey, made.privateKey)
    }
}

@c @implementation
public func C_WrapKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hWrappingKey: CK_OBJECT_HANDLE,
    _ hKey: CK_OBJECT_HANDLE, _ pWrappedKey: CK_BYTE_PTR!, _ pulWrappedKeyLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let mechanism = copyMechanism(try required(pMechanism).pointee)
        try fill(pWrappedKey, pulWrappedKeyLen) { (capacity) throws(ReturnCode) in
            try session.wrapKey(mechanism: mechanism, wrappingKey: hWrappingKey, key: hKey, capacity: capacity)
        }
    }
}

@c @implementation
public func C_UnwrapKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hUnwrappingKey: CK_OBJECT_HANDLE,
    _ pWrappedKey: CK_BYTE_PTR!, _ ulWrappedKeyLen: CK_ULONG, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulAttributeCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    makeKey(hSession, pMechanism, pTemplate, ulAttributeCount, phKey) {
        (session, mechanism, template) throws(ReturnCode) in
        guard pWrappedKey != nil else { throw .argumentsBad }
        return try lending(pWrappedKey, ulWrappedKeyLen) { (wrapped) throws(ReturnCode) in
            try session.unwrapKey(mechanism: mechanism, unwrappingKey: hUnwrappingKey, wrapped: wrapped, template)
        }
    }
}

@c @implementation
public func C_DeriveKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hBaseKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    makeKey(hSession, pMechanism, pTemplate, ulAttributeCount, phKey) {
        (session, mechanism, template) throws(ReturnCode) in
        try session.deriveKey(mechanism: mechanism, baseKey: hBaseKey, template)
    }
}

@c @implementation
public func C_EncapsulateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hPublicKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ pulCiphertextLen: CK_ULONG_PTR!, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_DecapsulateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hPrivateKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ ulCiphertextLen: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_WrapKeyAuthenticated(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hWrappingKey: CK_OBJECT_HANDLE,
    _ hKey: CK_OBJECT_HANDLE, _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG,
    _ pWrappedKey: CK_BYTE_PTR!, _ pulWrappedKeyLen: CK_ULONG_PTR!
) -> CK_RV { unsupported(hSession) }

@c @implementation
public func C_UnwrapKeyAuthenticated(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hUnwrappingKey: CK_OBJECT_HANDLE,
    _ pWrappedKey: CK_BYTE_PTR!, _ ulWrappedKeyLen: CK_ULONG, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulAttributeCount: CK_ULONG, _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG,
    _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported(hSession) }

/// A function that makes a key by a mechanism and a template.
private func makeKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?,
    _ make: (Session, Mechanism, [Attribute]) throws(ReturnCode) -> UInt
) -> CK_RV {
    call(session) { (session) throws(ReturnCode) in
        let mechanism = copyMechanism(try required(mechanism).pointee)
        let target = try required(key)
        target.pointee = try copyingTemplate(template, count) { (template) throws(ReturnCode) in
            try make(session, mechanism, template)
        }
    }
}

// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11

// Chapter "Key management functions" (PKCS#11 3.2, section 5.18).
// None of these is there yet.

@c @implementation
public func C_GenerateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_GenerateKeyPair(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ pPublicKeyTemplate: CK_ATTRIBUTE_PTR!,
    _ ulPublicKeyAttributeCount: CK_ULONG, _ pPrivateKeyTemplate: CK_ATTRIBUTE_PTR!,
    _ ulPrivateKeyAttributeCount: CK_ULONG, _ phPublicKey: CK_OBJECT_HANDLE_PTR!,
    _ phPrivateKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_WrapKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hWrappingKey: CK_OBJECT_HANDLE,
    _ hKey: CK_OBJECT_HANDLE, _ pWrappedKey: CK_BYTE_PTR!, _ pulWrappedKeyLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_UnwrapKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hUnwrappingKey: CK_OBJECT_HANDLE,
    _ pWrappedKey: CK_BYTE_PTR!, _ ulWrappedKeyLen: CK_ULONG, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulAttributeCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_DeriveKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hBaseKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_EncapsulateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hPublicKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ pulCiphertextLen: CK_ULONG_PTR!, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_DecapsulateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hPrivateKey: CK_OBJECT_HANDLE,
    _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulAttributeCount: CK_ULONG, _ pCiphertext: CK_BYTE_PTR!,
    _ ulCiphertextLen: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_WrapKeyAuthenticated(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hWrappingKey: CK_OBJECT_HANDLE,
    _ hKey: CK_OBJECT_HANDLE, _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG,
    _ pWrappedKey: CK_BYTE_PTR!, _ pulWrappedKeyLen: CK_ULONG_PTR!
) -> CK_RV { unsupported() }

@c @implementation
public func C_UnwrapKeyAuthenticated(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!, _ hUnwrappingKey: CK_OBJECT_HANDLE,
    _ pWrappedKey: CK_BYTE_PTR!, _ ulWrappedKeyLen: CK_ULONG, _ pTemplate: CK_ATTRIBUTE_PTR!,
    _ ulAttributeCount: CK_ULONG, _ pAssociatedData: CK_BYTE_PTR!, _ ulAssociatedDataLen: CK_ULONG,
    _ phKey: CK_OBJECT_HANDLE_PTR!
) -> CK_RV { unsupported() }

// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapters "Message digesting functions" and "Random number generation functions" (PKCS#11 3.2, sections 5.12 and
// 5.21).

@c @implementation
public func C_DigestInit(_ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR!) -> CK_RV {
    begin(hSession, pMechanism, CKF_DIGEST) { (session, mechanism) throws(ReturnCode) in
        try session.digestInit(mechanism: mechanism)
    }
}

@c @implementation
public func C_Digest(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR!, _ ulDataLen: CK_ULONG, _ pDigest: CK_BYTE_PTR!,
    _ pulDigestLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_DIGEST) { (session) throws(ReturnCode) in
        try lending(pData, ulDataLen) { (data) throws(ReturnCode) in
            try fill(pDigest, pulDigestLen) { (capacity) throws(ReturnCode) in
                try session.digest(data: data, capacity: capacity)
            }
        }
    }
}

@c @implementation
public func C_DigestUpdate(_ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR!, _ ulPartLen: CK_ULONG) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_DIGEST) { (session) throws(ReturnCode) in
        try lending(pPart, ulPartLen) { (part) throws(ReturnCode) in try session.digestUpdate(part: part) }
    }
}

@c @implementation
public func C_DigestKey(_ hSession: CK_SESSION_HANDLE, _ hKey: CK_OBJECT_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.digestKey(key: hKey) }
}

@c @implementation
public func C_DigestFinal(
    _ hSession: CK_SESSION_HANDLE, _ pDigest: CK_BYTE_PTR!, _ pulDigestLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession, endingOnBadArguments: CKF_DIGEST) { (session) throws(ReturnCode) in
        try fill(pDigest, pulDigestLen) { (capacity) throws(ReturnCode) in
            try session.digestFinal(capacity: capacity)
        }
    }
}

@c @implementation
public func C_SeedRandom(_ hSession: CK_SESSION_HANDLE, _ pSeed: CK_BYTE_PTR!, _ ulSeedLen: CK_ULONG) -> CK_RV {
    // The generator seeds itself; what a caller knows would not make it better.
    call(hSession) { (_) throws(ReturnCode) in
        guard pSeed != nil || ulSeedLen == 0 else { throw .argumentsBad }
        throw .randomSeedNotSupported
    }
}

@c @implementation
public func C_GenerateRandom(
    _ hSession: CK_SESSION_HANDLE, _ pRandomData: CK_BYTE_PTR!, _ ulRandomLen: CK_ULONG
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        guard let count = Int(exactly: ulRandomLen), pRandomData != nil || count == 0 else { throw .argumentsBad }
        // In pieces, so that a large request costs the caller's memory only.
        var position = 0
        repeat {
            var part = try session.random(count: min(4096, count - position))
            defer { part.wipe() }
            pRandomData?.advanced(by: position).update(from: part, count: part.count)
            position += part.count
        } while position < count
    }
}

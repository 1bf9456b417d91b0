// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CFunctionList
import CPKCS11
import Cryptoki
import Version

// Chapter "General-purpose functions" (PKCS#11 3.2, section 5.4).

@c @implementation
public func C_Initialize(_ pInitArgs: CK_VOID_PTR!) -> CK_RV {
    returning { () throws(ReturnCode) in
        var makesThreads = true
        if let arguments = pInitArgs?.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee {
            guard arguments.pReserved == nil else { throw .argumentsBad }
            // All four or none (PKCS#11 3.2, section 5.4.1). The module locks with the system's own mutexes, and does
            // not claim to use a caller's.
            let given = [
                arguments.CreateMutex != nil, arguments.DestroyMutex != nil, arguments.LockMutex != nil,
                arguments.UnlockMutex != nil,
            ]
            guard Set(given).count == 1 else { throw .argumentsBad }
            guard !given[0] || arguments.flags & CKF_OS_LOCKING_OK != 0 else { throw .cantLock }
            // NSS allows no threads, so it is served without. CKR_NEED_TO_CREATE_THREADS would have it call without
            // arguments, and then one function at a time.
            makesThreads = arguments.flags & CKF_LIBRARY_CANT_CREATE_OS_THREADS == 0
        }
        try Process.begin(makesThreads: makesThreads)
    }
}

@c @implementation
public func C_Finalize(_ pReserved: CK_VOID_PTR!) -> CK_RV {
    returning { () throws(ReturnCode) in
        guard pReserved == nil else { throw .argumentsBad }
        try Process.end()
    }
}

@c @implementation
public func C_GetInfo(_ pInfo: CK_INFO_PTR!) -> CK_RV {
    call { (_) throws(ReturnCode) in
        var info = CK_INFO()
        info.cryptokiVersion = CK_VERSION(major: 3, minor: 2)
        pad(&info.manufacturerID, "Martlet")
        pad(&info.libraryDescription, "Martlet for PIV and OpenPGP")
        info.libraryVersion = CK_VERSION(major: Version.major, minor: Version.minor)
        try required(pInfo).pointee = info
    }
}

@c @implementation
public func C_GetFunctionList(_ ppFunctionList: CK_FUNCTION_LIST_PTR_PTR!) -> CK_RV {
    returning { () throws(ReturnCode) in try required(ppFunctionList).pointee = martlet_function_list() }
}

@c @implementation
public func C_GetInterfaceList(_ pInterfacesList: CK_INTERFACE_PTR!, _ pulCount: CK_ULONG_PTR!) -> CK_RV {
    returning { () throws(ReturnCode) in
        let count = try required(pulCount)
        let capacity = count.pointee
        count.pointee = martlet_interface_count()
        guard let list = pInterfacesList else { return }
        guard capacity >= count.pointee else { throw .bufferTooSmall }
        for index in 0..<count.pointee {
            guard let interface = martlet_interface(index) else { throw .generalError }
            list[Int(index)] = interface.pointee
        }
    }
}

@c @implementation
public func C_GetInterface(
    _ pInterfaceName: CK_UTF8CHAR_PTR!, _ pVersion: CK_VERSION_PTR!, _ ppInterface: CK_INTERFACE_PTR_PTR!,
    _ flags: CK_FLAGS
) -> CK_RV {
    returning { () throws(ReturnCode) in
        let target = try required(ppInterface)
        let name = pInterfaceName.map { String(cString: $0) }
        guard name == nil || name == "PKCS 11" else { throw .argumentsBad }
        // Who names no version gets 3.0: OpenSC's pkcs11-tool 0.26 and p11-kit 0.25 name none, know nothing of 3.2, and take the
        // bare points that it has (see WhatACardShows) for broken ones. A host that knows 3.2 can ask for it.
        let wanted = pVersion?.pointee ?? CK_VERSION(major: 3, minor: 0)
        for index in 0..<martlet_interface_count() {
            guard let interface = martlet_interface(index) else { continue }
            let version = martlet_interface_version(interface)
            let isWanted = wanted.major == version.major && wanted.minor == version.minor
            // Every flag that the caller asks for must be there.
            guard isWanted, interface.pointee.flags & flags == flags else { continue }
            target.pointee = interface
            return
        }
        throw .argumentsBad
    }
}

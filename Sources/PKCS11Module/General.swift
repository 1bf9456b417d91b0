import CFunctionList
import CPKCS11
import Cryptoki

// Chapter "General-purpose functions" (PKCS#11 3.2, section 5.4).

@c @implementation
public func C_Initialize(_ pInitArgs: CK_VOID_PTR!) -> CK_RV {
    returning { () throws(ReturnCode) in
        if let arguments = pInitArgs?.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee {
            guard arguments.pReserved == nil else { throw .argumentsBad }
            // All four or none. The module locks with the system's own mutexes in either case.
            let given = [
                arguments.CreateMutex != nil, arguments.DestroyMutex != nil, arguments.LockMutex != nil,
                arguments.UnlockMutex != nil,
            ]
            guard Set(given).count == 1 else { throw .argumentsBad }
        }
        try Process.begin()
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
        pad(&info.libraryDescription, "Martlet for PIV cards")
        info.libraryVersion = CK_VERSION(major: 0, minor: 1)
        try required(pInfo).pointee = info
    }
}

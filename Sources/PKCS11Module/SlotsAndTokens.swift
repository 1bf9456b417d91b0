// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Slot and token management functions" (PKCS#11 3.2, section 5.5).

@c @implementation
public func C_GetSlotList(
    _ tokenPresent: CK_BBOOL, _ pSlotList: CK_SLOT_ID_PTR!, _ pulCount: CK_ULONG_PTR!
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let slots = library.slotList(withToken: tokenPresent != 0, isAskedAnew: pSlotList == nil)
        try deliver(slots, pSlotList, pulCount)
    }
}

@c @implementation
public func C_GetSlotInfo(_ slotID: CK_SLOT_ID, _ pInfo: CK_SLOT_INFO_PTR!) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let target = try required(pInfo)
        let slot = try library.slotInfo(slotID)
        var info = CK_SLOT_INFO()
        pad(&info.slotDescription, slot.description)
        pad(&info.manufacturerID, "Unknown")
        info.flags = slot.flags
        target.pointee = info
    }
}

@c @implementation
public func C_GetTokenInfo(_ slotID: CK_SLOT_ID, _ pInfo: CK_TOKEN_INFO_PTR!) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let target = try required(pInfo)
        let token = try library.tokenInfo(slotID)
        var info = CK_TOKEN_INFO()
        pad(&info.label, token.information.label)
        pad(&info.manufacturerID, token.information.manufacturer)
        pad(&info.model, token.information.model)
        pad(&info.serialNumber, token.information.serialNumber)
        pad(&info.utcTime, "")
        info.flags = token.flags
        info.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE
        info.ulSessionCount = token.sessionCount
        info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE
        info.ulRwSessionCount = token.readWriteSessionCount
        info.ulMinPinLen = CK_ULONG(token.pinLengths.lowerBound)
        info.ulMaxPinLen = CK_ULONG(token.pinLengths.upperBound)
        info.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION
        info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION
        info.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION
        info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION
        let firmware = token.information.firmwareVersion
        info.firmwareVersion = CK_VERSION(major: firmware.major, minor: firmware.minor)
        target.pointee = info
    }
}

@c @implementation
public func C_GetMechanismList(
    _ slotID: CK_SLOT_ID, _ pMechanismList: CK_MECHANISM_TYPE_PTR!, _ pulCount: CK_ULONG_PTR!
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        try deliver(library.mechanisms(of: slotID), pMechanismList, pulCount)
    }
}

@c @implementation
public func C_GetMechanismInfo(
    _ slotID: CK_SLOT_ID, _ type: CK_MECHANISM_TYPE, _ pInfo: CK_MECHANISM_INFO_PTR!
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let target = try required(pInfo)
        let info = try library.mechanismInfo(type, of: slotID)
        target.pointee = CK_MECHANISM_INFO(
            ulMinKeySize: info.minimumKeySize, ulMaxKeySize: info.maximumKeySize, flags: info.flags)
    }
}

@c @implementation
public func C_InitToken(
    _ slotID: CK_SLOT_ID, _ pPin: CK_UTF8CHAR_PTR!, _ ulPinLen: CK_ULONG, _ pLabel: CK_UTF8CHAR_PTR!
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        guard pLabel != nil else { throw .argumentsBad }
        let label = try copy(pLabel, 32)
        try lendingPIN(pPin, ulPinLen) { (pin) throws(ReturnCode) in
            guard let pin else { throw .argumentsBad }
            try library.initializeToken(slotID, officerPIN: pin, label: label)
        }
    }
}

@c @implementation
public func C_InitPIN(_ hSession: CK_SESSION_HANDLE, _ pPin: CK_UTF8CHAR_PTR!, _ ulPinLen: CK_ULONG) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        try lendingPIN(pPin, ulPinLen) { (pin) throws(ReturnCode) in try session.initializePIN(to: pin) }
    }
}

@c @implementation
public func C_SetPIN(
    _ hSession: CK_SESSION_HANDLE, _ pOldPin: CK_UTF8CHAR_PTR!, _ ulOldLen: CK_ULONG, _ pNewPin: CK_UTF8CHAR_PTR!,
    _ ulNewLen: CK_ULONG
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        try lendingPIN(pOldPin, ulOldLen) { (old) throws(ReturnCode) in
            try lendingPIN(pNewPin, ulNewLen) { (new) throws(ReturnCode) in
                try session.setPIN(from: old, to: new)
            }
        }
    }
}

@c @implementation
public func C_WaitForSlotEvent(_ flags: CK_FLAGS, _ pSlot: CK_SLOT_ID_PTR!, _ pReserved: CK_VOID_PTR!) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let target = try required(pSlot)
        guard pReserved == nil else { throw .argumentsBad }
        target.pointee = try library.waitForSlotEvent(blocks: flags & CKF_DONT_BLOCK == 0)
    }
}

/// Fills the caller's list of numbers, or says how long it must be.
private func deliver(
    _ numbers: [UInt], _ list: UnsafeMutablePointer<CK_ULONG>?, _ count: UnsafeMutablePointer<CK_ULONG>?
) throws(ReturnCode) {
    let count = try required(count)
    let capacity = count.pointee
    count.pointee = CK_ULONG(numbers.count)
    guard let list else { return }
    guard capacity >= numbers.count else { throw .bufferTooSmall }
    list.update(from: numbers, count: numbers.count)
}

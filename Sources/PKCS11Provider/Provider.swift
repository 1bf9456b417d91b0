import CLibrary
import CPKCS11

/// A PKCS#11 module, loaded and called as any program does it: through dlopen(3) and C_GetFunctionList.
package final class Provider {
    /// The absolute path of the module's file.
    package let path: String
    /// The functions of version 2.40.
    package let functions: CK_FUNCTION_LIST

    /// Loads the module and initialises it.
    package init(path: String) throws(ProviderError) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw .notLoadable(path: path, reason: dlerror().map { String(cString: $0) } ?? "dlopen failed")
        }
        guard let symbol = dlsym(handle, "C_GetFunctionList") else {
            throw .notLoadable(path: path, reason: "\(path) has no C_GetFunctionList: it is no PKCS#11 module")
        }
        let getFunctionList = unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)
        var list: CK_FUNCTION_LIST_PTR?
        try Self.check("C_GetFunctionList", getFunctionList) { $0(&list) }
        guard let list else { throw .missing("C_GetFunctionList") }
        self.path = path
        functions = list.pointee
        try Self.check("C_Initialize", functions.C_Initialize) { $0(nil) }
    }

    /// C_Finalize. What was got from the module before is of no use afterwards.
    package func finalize() {
        try? Self.check("C_Finalize", functions.C_Finalize) { $0(nil) }
    }

    /// What the module says of itself.
    package func information() throws(ProviderError) -> ProviderInformation {
        var info = CK_INFO()
        try Self.check("C_GetInfo", functions.C_GetInfo) { $0(&info) }
        return ProviderInformation(info)
    }

    /// The slots that have a reader, or only those with a card in it.
    package func slots(withToken: Bool) throws(ProviderError) -> [CK_SLOT_ID] {
        let flag = CK_BBOOL(withToken ? CK_TRUE : CK_FALSE)
        var count: CK_ULONG = 0
        try Self.check("C_GetSlotList", functions.C_GetSlotList) { $0(flag, nil, &count) }
        // A reader may come between the two calls.
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(min(count, 256)) + 4)
        count = CK_ULONG(slots.count)
        try Self.check("C_GetSlotList", functions.C_GetSlotList) { $0(flag, &slots, &count) }
        return Array(slots.prefix(Int(clamping: count)))
    }

    /// The name of a slot's reader.
    package func readerName(_ slot: CK_SLOT_ID) throws(ProviderError) -> String {
        var info = CK_SLOT_INFO()
        try Self.check("C_GetSlotInfo", functions.C_GetSlotInfo) { $0(slot, &info) }
        return paddedText(info.slotDescription)
    }

    /// What the token in a slot says of itself.
    package func token(_ slot: CK_SLOT_ID) throws(ProviderError) -> ProviderToken {
        var info = CK_TOKEN_INFO()
        try Self.check("C_GetTokenInfo", functions.C_GetTokenInfo) { $0(slot, &info) }
        return ProviderToken(info)
    }

    /// Opens a read-only session.
    package func openSession(_ slot: CK_SLOT_ID) throws(ProviderError) -> ProviderSession {
        var handle: CK_SESSION_HANDLE = 0
        try Self.check("C_OpenSession", functions.C_OpenSession) { $0(slot, CKF_SERIAL_SESSION, nil, nil, &handle) }
        return ProviderSession(self, handle)
    }

    /// Calls a function of the list and makes an error of an answer that is not CKR_OK.
    package static func check<Function>(
        _ name: StaticString, _ function: Function?, _ call: (Function) -> CK_RV
    ) throws(ProviderError) {
        guard let function else { throw .missing(name) }
        let answer = call(function)
        guard answer == CKR_OK else { throw .answered(name, answer) }
    }
}

/// CK_INFO, as far as a person wants it.
package struct ProviderInformation {
    package let manufacturer: String
    package let description: String
    package let version: CK_VERSION

    init(_ info: CK_INFO) {
        manufacturer = paddedText(info.manufacturerID)
        description = paddedText(info.libraryDescription)
        version = info.libraryVersion
    }
}

/// CK_TOKEN_INFO, as far as a person wants it.
package struct ProviderToken {
    package let label: String
    package let manufacturer: String
    package let model: String
    package let serialNumber: String
    package let firmware: CK_VERSION
    package let flags: CK_FLAGS

    init(_ info: CK_TOKEN_INFO) {
        label = paddedText(info.label)
        manufacturer = paddedText(info.manufacturerID)
        model = paddedText(info.model)
        serialNumber = paddedText(info.serialNumber)
        firmware = info.firmwareVersion
        flags = info.flags
    }

    /// What the flags tell of the tries that the PIN has left. They tell no number but one and none, and a token that
    /// does not count sets none of them.
    package var pinTries: String {
        if flags & CKF_USER_PIN_LOCKED != 0 { return "none left: the PIN is blocked" }
        if flags & CKF_USER_PIN_FINAL_TRY != 0 { return "one left" }
        if flags & CKF_USER_PIN_COUNT_LOW != 0 { return "a wrong PIN was tried; more than one left" }
        return "no wrong PIN told of"
    }

    /// Whether no PIN can be right any more.
    package var pinIsBlocked: Bool { flags & CKF_USER_PIN_LOCKED != 0 }
}

/// The text of a field of fixed length, which blanks fill up.
private func paddedText<Field>(_ field: Field) -> String {
    let bytes = withUnsafeBytes(of: field) { Array($0) }
    let end = bytes.lastIndex { $0 != UInt8(ascii: " ") && $0 != 0 }.map { $0 + 1 } ?? 0
    return String(decoding: bytes[..<end], as: UTF8.self)
}

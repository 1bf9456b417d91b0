import CPKCS11

/// A session with a token.
package final class ProviderSession {
    package let handle: CK_SESSION_HANDLE
    private let provider: Provider
    private var functions: CK_FUNCTION_LIST { provider.functions }
    /// No token that this program shows has as many objects of one class.
    private static let mostObjects = 256
    /// The longest attribute that is read, in bytes.
    private static let longestAttribute = 1 << 16

    init(_ provider: Provider, _ handle: CK_SESSION_HANDLE) {
        self.provider = provider
        self.handle = handle
    }

    deinit { try? Provider.check("C_CloseSession", functions.C_CloseSession) { $0(handle) } }

    /// C_Login: as CKU_USER, or with CKU_CONTEXT_SPECIFIC for the operation that was begun.
    package func login(_ user: CK_USER_TYPE, _ pin: RawSpan) throws(ProviderError) {
        // The function takes a pointer to bytes that it does not write.
        let answer = pin.withUnsafeBytes { bytes in
            functions.C_Login.map { login in
                let pointer = bytes.baseAddress?.assumingMemoryBound(to: CK_UTF8CHAR.self)
                return login(handle, user, UnsafeMutablePointer(mutating: pointer), CK_ULONG(bytes.count))
            }
        }
        guard let answer else { throw .missing("C_Login") }
        guard answer == CKR_OK else { throw .answered("C_Login", answer) }
    }

    /// The handles of all objects of a class that this session sees, and with this CKA_ID where one is given.
    package func objects(_ objectClass: CK_OBJECT_CLASS, id: [UInt8]? = nil) throws(ProviderError) -> [CK_OBJECT_HANDLE]
    {
        var (objectClass, id) = (objectClass, id ?? [])
        let answer: CK_RV? = withUnsafeMutableBytes(of: &objectClass) { classBytes in
            id.withUnsafeMutableBytes { idBytes in
                var template = [
                    CK_ATTRIBUTE(
                        type: CKA_CLASS, pValue: classBytes.baseAddress, ulValueLen: CK_ULONG(classBytes.count)),
                    CK_ATTRIBUTE(type: CKA_ID, pValue: idBytes.baseAddress, ulValueLen: CK_ULONG(idBytes.count)),
                ]
                return functions.C_FindObjectsInit?(handle, &template, idBytes.isEmpty ? 1 : 2)
            }
        }
        guard let answer else { throw .missing("C_FindObjectsInit") }
        guard answer == CKR_OK else { throw .answered("C_FindObjectsInit", answer) }
        defer { try? Provider.check("C_FindObjectsFinal", functions.C_FindObjectsFinal) { $0(handle) } }
        var found = [CK_OBJECT_HANDLE](repeating: 0, count: Self.mostObjects)
        var count: CK_ULONG = 0
        try Provider.check("C_FindObjects", functions.C_FindObjects) {
            $0(handle, &found, CK_ULONG(found.count), &count)
        }
        return Array(found.prefix(Int(clamping: count)))
    }

    /// The value of an attribute, or nil where the object has none or does not tell it.
    package func attribute(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) throws(ProviderError) -> [UInt8]? {
        var attribute = CK_ATTRIBUTE(type: type, pValue: nil, ulValueLen: 0)
        guard let getValue = functions.C_GetAttributeValue else { throw .missing("C_GetAttributeValue") }
        switch getValue(handle, object, &attribute, 1) {
        case CKR_OK: break
        case CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE: return nil
        case let answer: throw .answered("C_GetAttributeValue", answer)
        }
        guard attribute.ulValueLen <= Self.longestAttribute else { return nil }
        var value = [UInt8](repeating: 0, count: Int(attribute.ulValueLen))
        let answer = value.withUnsafeMutableBytes { bytes in
            attribute.pValue = bytes.baseAddress
            return bytes.isEmpty ? CKR_OK : getValue(handle, object, &attribute, 1)
        }
        guard answer == CKR_OK else { throw .answered("C_GetAttributeValue", answer) }
        return Array(value.prefix(Int(clamping: attribute.ulValueLen)))
    }

    /// CK_BBOOL attributes: whether the object says CK_TRUE.
    package func flag(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) throws(ProviderError) -> Bool {
        try attribute(type, of: object)?.first == UInt8(CK_TRUE)
    }

    /// Signs with a mechanism that has no parameter. `authenticate` is called between C_SignInit and C_Sign, where a
    /// key with CKA_ALWAYS_AUTHENTICATE wants its login.
    package func sign(
        _ data: [UInt8], _ mechanism: CK_MECHANISM_TYPE, edDSA: CK_EDDSA_PARAMS? = nil, key: CK_OBJECT_HANDLE,
        authenticate: () throws(ProviderError) -> Void = {}
    ) throws(ProviderError) -> [UInt8] {
        try beginSigning(mechanism, edDSA, key)
        try authenticate()
        var data = data
        var signature = [UInt8](repeating: 0, count: 1024)
        var count = CK_ULONG(signature.count)
        try Provider.check("C_Sign", functions.C_Sign) {
            $0(handle, &data, CK_ULONG(data.count), &signature, &count)
        }
        return Array(signature.prefix(Int(clamping: count)))
    }

    private func beginSigning(
        _ mechanism: CK_MECHANISM_TYPE, _ edDSA: CK_EDDSA_PARAMS?, _ key: CK_OBJECT_HANDLE
    ) throws(ProviderError) {
        var mechanism = CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
        let parameters = UnsafeMutablePointer<CK_EDDSA_PARAMS>.allocate(capacity: 1)
        defer { parameters.deallocate() }
        if let edDSA {
            parameters.initialize(to: edDSA)
            mechanism.pParameter = UnsafeMutableRawPointer(parameters)
            mechanism.ulParameterLen = CK_ULONG(MemoryLayout<CK_EDDSA_PARAMS>.size)
        }
        try Provider.check("C_SignInit", functions.C_SignInit) { $0(handle, &mechanism, key) }
    }
}

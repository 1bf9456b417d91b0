// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CFunctionList
import CPKCS11
import Cryptoki

// Chapter "Object management functions" (PKCS#11 3.2, section 5.7).

@c @implementation
public func C_FindObjectsInit(
    _ hSession: CK_SESSION_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        try copyingTemplate(pTemplate, ulCount) { (template) throws(ReturnCode) in
            try session.findObjectsInit(template: template)
        }
    }
}

@c @implementation
public func C_FindObjects(
    _ hSession: CK_SESSION_HANDLE, _ phObject: CK_OBJECT_HANDLE_PTR!, _ ulMaxObjectCount: CK_ULONG,
    _ pulObjectCount: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let count = try required(pulObjectCount)
        guard phObject != nil || ulMaxObjectCount == 0 else { throw .argumentsBad }
        let found = try session.findObjects(atMost: Int(clamping: ulMaxObjectCount))
        phObject?.update(from: found, count: found.count)
        count.pointee = CK_ULONG(found.count)
    }
}

@c @implementation
public func C_FindObjectsFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.findObjectsFinal() }
}

@c @implementation
public func C_GetAttributeValue(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG
) -> CK_RV {
    getAttributeValue(hSession, hObject, pTemplate, ulCount, points: .octetString)
}

/// C_GetAttributeValue of the interface 3.2 alone. The function that is exported under the name serves programs that know
/// of no interfaces, and those of 2.40 and 3.0.
@c @implementation
public func martlet_get_attribute_value_3_2(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG
) -> CK_RV {
    getAttributeValue(hSession, hObject, pTemplate, ulCount, points: .bare)
}

private func getAttributeValue(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR?, _ ulCount: CK_ULONG,
    points: PointForm
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let template = try lendTemplate(pTemplate, ulCount)
        var answers = try session.attributes(of: hObject, types: template.map(\.type), points: points)
        defer { for index in answers.indices { answers[index].wipe() } }
        var problem: ReturnCode?
        // All are filled as far as can be; then one code tells of a problem (PKCS#11 3.2, section 5.7.5).
        for index in answers.indices {
            if let found = deliver(answers[index], to: &template[index]) { problem = problem ?? found }
        }
        if let problem { throw problem }
    }
}

/// Writes one attribute by the five rules of C_GetAttributeValue.
private func deliver(_ answer: AttributeAnswer, to attribute: inout CK_ATTRIBUTE) -> ReturnCode? {
    switch answer {
    case .sensitive:
        attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION
        return .attributeSensitive
    case .absent:
        attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION
        return .attributeTypeInvalid
    case .value(let value), .secret(let value):
        guard let target = attribute.pValue else {
            attribute.ulValueLen = CK_ULONG(value.count)
            return nil
        }
        guard attribute.ulValueLen >= value.count else {
            attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION
            return .bufferTooSmall
        }
        value.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { target.copyMemory(from: base, byteCount: bytes.count) }
        }
        attribute.ulValueLen = CK_ULONG(value.count)
        return nil
    }
}

@c @implementation
public func C_CreateObject(
    _ hSession: CK_SESSION_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG,
    _ phObject: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let target = try required(phObject)
        target.pointee = try copyingTemplate(pTemplate, ulCount) { (template) throws(ReturnCode) in
            try session.create(template)
        }
    }
}

@c @implementation
public func C_CopyObject(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG,
    _ phNewObject: CK_OBJECT_HANDLE_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let target = try required(phNewObject)
        target.pointee = try copyingTemplate(pTemplate, ulCount) { (template) throws(ReturnCode) in
            try session.copy(object: hObject, template)
        }
    }
}

@c @implementation
public func C_DestroyObject(_ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.destroy(object: hObject) }
}

@c @implementation
public func C_GetObjectSize(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pulSize: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let target = try required(pulSize)
        target.pointee = try session.objectSize(of: hObject)
    }
}

@c @implementation
public func C_SetAttributeValue(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR!, _ ulCount: CK_ULONG
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        try copyingTemplate(pTemplate, ulCount) { (template) throws(ReturnCode) in
            try session.setAttributes(of: hObject, template)
        }
    }
}

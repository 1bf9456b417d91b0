import CPKCS11
import Token

/// C_GetAttributeValue, C_GetObjectSize, C_SetAttributeValue and C_DestroyObject (PKCS#11 3.2, section 5.7).
extension Library {
    /// C_GetAttributeValue: one answer for each type, in order.
    public func attributes(
        _ handle: UInt, of object: UInt, types: [AttributeType]
    ) throws(ReturnCode) -> [AttributeAnswer] {
        let session = try liveSession(handle)
        let object = try confirmedObject(object, in: session)
        var answers: [AttributeAnswer] = []
        for type in types { answers.append(try answer(object, type)) }
        return answers
    }

    /// C_GetObjectSize: the bytes of what can be read of the object, which is what it takes on the card or in memory
    /// without the overhead that nobody knows.
    public func objectSize(_ handle: UInt, of object: UInt) throws(ReturnCode) -> UInt {
        let session = try liveSession(handle)
        switch try confirmedObject(object, in: session) {
        case .session(let object):
            let values = object.attributes.values.reduce(0) { $0 + $1.count }
            return UInt(values + (object.secret?.count ?? 0))
        case .token(let object):
            return try asking(object.slot, object.token, "C_GetObjectSize") { () throws(TokenError) in
                switch object.reference.kind {
                case .certificate, .attestation, .data: UInt(try object.token.value(of: object.reference).count)
                case .secretKey: CK_UNAVAILABLE_INFORMATION
                case .publicKey, .privateKey: UInt(try object.token.subjectPublicKeyInfo(of: object.reference).count)
                }
            }
        case .information: return CK_UNAVAILABLE_INFORMATION
        }
    }

    /// C_SetAttributeValue: all attributes of the template, or none.
    public func setAttributes(_ handle: UInt, of object: UInt, _ attributes: [Attribute]) throws(ReturnCode) {
        let session = try liveSession(handle)
        let found = try confirmedObject(object, in: session)
        let template = try Template(attributes)
        try checkWritable(found, in: session)
        switch found {
        case .session: try setSessionObject(object, template, in: session)
        case .token(let object): try setTokenObject(object, template)
        case .information: throw .actionProhibited
        }
    }

    /// C_DestroyObject.
    public func destroy(_ handle: UInt, object: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        let found = try confirmedObject(object, in: session)
        try checkWritable(found, in: session)
        guard try answer(found, CKA_DESTROYABLE) == .flag(true) else { throw .actionProhibited }
        if case .token(let object) = found {
            try asking(object.slot, object.token, "C_DestroyObject") { () throws(TokenError) in
                try object.token.delete(object.reference, ifStill: object.revision)
            }
        }
        let wasThere = lock.withLock { () -> Bool in
            defer { objects.end(object) }
            // Two threads may destroy one session object: for one of them it is gone.
            return found.isOnToken || objects.object(object) != nil
        }
        guard wasThere else { throw .objectHandleInvalid }
    }

    /// The object behind a handle, where this session may see it now.
    func object(_ handle: UInt, in session: Session) throws(ReturnCode) -> StoredObject {
        guard let found = lock.withLock({ visibleObject(handle, in: session) }) else { throw .objectHandleInvalid }
        return found
    }

    /// The same for a function that is about the object itself: a certificate or a data object is first looked for
    /// where the card was not asked within the last seconds, since another process may have deleted or replaced it.
    private func confirmedObject(_ handle: UInt, in session: Session) throws(ReturnCode) -> StoredObject {
        let found = try object(handle, in: session)
        guard case .token(let object) = found else { return found }
        switch object.reference.kind {
        case .certificate, .attestation, .data:
            _ = try asking(object.slot, object.token, "looking for an object") { () throws(TokenError) in
                try object.token.present(among: [object.reference], areNamed: true)
            }
            return try self.object(handle, in: session)
        case .publicKey, .privateKey, .secretKey: return found
        }
    }

    /// The same as `object(_:in:)`, with the library's lock held.
    func visibleObject(_ handle: UInt, in session: Session) -> StoredObject? {
        guard let object = objects.object(handle), object.slot === session.slot,
            !object.isPrivate || sees(object, session)
        else { return nil }
        return object
    }

    /// Whether the login of a session shows private objects: to the user all, to the SO the keys of the card, which are the
    /// SO's to make and to delete. To use them is not.
    private func sees(_ object: StoredObject, _ session: Session) -> Bool {
        switch (session.slot.login, object) {
        case (.user, _): true
        case (.officer, .token(let object)): object.reference.kind == .privateKey
        case (.officer, _), (.none, _): false
        }
    }

    func answer(_ object: StoredObject, _ type: AttributeType) throws(ReturnCode) -> AttributeAnswer {
        switch object {
        case .token(let object):
            try asking(object.slot, object.token, "reading an attribute") { () throws(TokenError) in
                try object.attribute(type)
            }
        case .session(let object): object.attribute(type)
        case .information(let object): object.attribute(type)
        }
    }

    /// Throws unless the session may change or delete the object.
    func checkWritable(_ object: StoredObject, in session: Session) throws(ReturnCode) {
        if object.isOnToken { try checkWritesToken(session) }
    }

    /// Throws unless the session may write to the card, as far as the host can tell.
    func checkWritesToken(_ session: Session) throws(ReturnCode) {
        guard session.isReadWrite else { throw .sessionReadOnly }
        guard lock.withLock({ session.slot.login != .none }) else { throw .userNotLoggedIn }
    }

    private func setSessionObject(_ handle: UInt, _ template: Template, in session: Session) throws(ReturnCode) {
        try lock.withLock { () throws(ReturnCode) in
            guard case .session(var object)? = visibleObject(handle, in: session) else { throw .objectHandleInvalid }
            guard object.flag(CKA_MODIFIABLE) else { throw .actionProhibited }
            try object.change(by: template, isCopy: false, isOfficer: session.slot.login == .officer)
            objects.replace(handle, by: object)
        }
    }

    /// Of an object on a card only its value can change: label and id follow from where it lies.
    private func setTokenObject(_ object: TokenObject, _ template: Template) throws(ReturnCode) {
        guard object.description.knownAttribute(CKA_MODIFIABLE) == .flag(true) else { throw .actionProhibited }
        for wanted in template.attributes where wanted.type != CKA_VALUE {
            switch try answer(.token(object), wanted.type) {
            case .value(wanted.value): continue
            case .absent: throw .attributeTypeInvalid
            case .value, .secret, .sensitive: throw .attributeReadOnly
            }
        }
        guard let value = template[CKA_VALUE] else { return }
        try asking(object.slot, object.token, "C_SetAttributeValue") { () throws(TokenError) in
            try object.token.write(value, to: object.reference, ifStill: object.revision)
        }
    }
}

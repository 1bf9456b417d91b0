import CPKCS11
import Token

/// C_GetAttributeValue, C_GetObjectSize, C_SetAttributeValue and C_DestroyObject (PKCS#11 3.2, section 5.7).
extension Session {
    /// C_GetAttributeValue: one answer for each type, in order.
    public func attributes(
        of object: UInt, types: [AttributeType], points: PointForm = .octetString
    ) throws(ReturnCode) -> [AttributeAnswer] {
        try checkPresence()
        let object = try confirmedObject(object)
        var answers: [AttributeAnswer] = []
        for type in types {
            let answer = try answer(object, type)
            answers.append(type == CKA_EC_POINT && points == .bare ? try bare(answer, of: object) : answer)
        }
        return answers
    }

    /// CKA_EC_POINT as PKCS#11 3.2 has it; what is no point stays what it is.
    private func bare(_ point: AttributeAnswer, of object: StoredObject) throws(ReturnCode) -> AttributeAnswer {
        guard case .value = point else { return point }
        let bare = try calls.asking(slot, token(), "reading an attribute") { () throws(TokenError) in
            try object.point(.bare)
        }
        return bare.map { .value($0) } ?? point
    }

    /// C_GetObjectSize: the bytes of what can be read of the object, which is what it takes on the card or in memory
    /// without the overhead that nobody knows.
    public func objectSize(of object: UInt) throws(ReturnCode) -> UInt {
        try checkPresence()
        switch try confirmedObject(object) {
        case .session(let object):
            let values = object.attributes.values.reduce(0) { $0 + $1.count }
            return UInt(values + (object.secret?.count ?? 0))
        case .token(let object):
            return try calls.asking(object.slot, object.token, "C_GetObjectSize") { () throws(TokenError) in
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
    public func setAttributes(of object: UInt, _ attributes: [Attribute]) throws(ReturnCode) {
        try checkPresence()
        let found = try confirmedObject(object)
        let template = try Template(attributes)
        try checkWritable(found)
        switch found {
        case .session: try setSessionObject(object, template)
        case .token(let object): try setTokenObject(object, Template(withOwnIDs(attributes)))
        case .information: throw .actionProhibited
        }
    }

    /// C_DestroyObject.
    public func destroy(object: UInt) throws(ReturnCode) {
        try checkPresence()
        let found = try confirmedObject(object)
        try checkWritable(found)
        guard try answer(found, CKA_DESTROYABLE) == .flag(true) else { throw .actionProhibited }
        if case .token(let object) = found {
            try calls.asking(object.slot, object.token, "C_DestroyObject") { () throws(TokenError) in
                try object.token.delete(object.reference, ifStill: object.revision)
            }
        }
        let wasThere = tables.withLock { tables in
            defer { tables.objects.end(object) }
            // Two threads may destroy one session object: for one of them it is gone.
            return found.isOnToken || tables.objects.object(object) != nil
        }
        guard wasThere else { throw .objectHandleInvalid }
    }

    /// An object for a function that is about the object itself: a certificate or a data object is first looked for
    /// where the card was not asked within the last seconds, since another process may have deleted or replaced it.
    private func confirmedObject(_ handle: UInt) throws(ReturnCode) -> StoredObject {
        let found = try object(handle)
        guard case .token(let object) = found else { return found }
        switch object.reference.kind {
        case .certificate, .attestation, .data:
            _ = try calls.asking(object.slot, object.token, "looking for an object") { () throws(TokenError) in
                try object.token.present(among: [object.reference], areNamed: true)
            }
            // What was private may have been hidden meanwhile.
            return object.isCurrent && !object.description.isPrivate ? found : try self.object(handle)
        case .publicKey, .privateKey, .secretKey: return found
        }
    }

    /// Throws unless the session may change or delete the object.
    func checkWritable(_ object: StoredObject) throws(ReturnCode) {
        if object.isOnToken { try checkWritesToken() }
    }

    private func setSessionObject(_ handle: UInt, _ template: Template) throws(ReturnCode) {
        try tables.withLock { (tables) throws(ReturnCode) in
            guard case .session(let known)? = tables.visibleObject(handle, in: record) else {
                throw .objectHandleInvalid
            }
            var object = known
            guard object.flag(CKA_MODIFIABLE) else { throw .actionProhibited }
            try object.change(by: template, isCopy: false, isOfficer: tables[slot].login == .officer)
            try library.keyRoles.checkChange(of: known, to: object)
            tables.objects.replace(handle, by: object)
        }
    }

    /// Of an object on a card only its value can change: label and id follow from where it lies. To set an attribute to what
    /// it is changes nothing, and the names of a new key are its maker's to give, as in the template that made it.
    private func setTokenObject(_ object: TokenObject, _ template: Template) throws(ReturnCode) {
        let isModifiable = object.description.knownAttribute(CKA_MODIFIABLE) == .flag(true)
        var isChange = false
        for wanted in template.attributes where wanted.type != CKA_VALUE || !isModifiable {
            let known = try answer(.token(object), wanted.type)
            guard !known.matches(wanted), !isName(wanted, of: object) else { continue }
            switch known {
            case .absent where isModifiable: throw .attributeTypeInvalid
            case .value where isModifiable, .secret where isModifiable, .sensitive where isModifiable:
                throw .attributeReadOnly
            case .value, .secret, .sensitive, .absent: isChange = true
            }
        }
        guard isModifiable || !isChange else { throw .actionProhibited }
        remember(template[CKA_ID], of: object)
        guard isModifiable, let value = template[CKA_VALUE] else { return }
        try calls.asking(object.slot, object.token, "C_SetAttributeValue") { () throws(TokenError) in
            try object.token.write(value, to: object.reference, ifStill: object.revision)
        }
    }

    /// Whether an attribute names a key that this process put onto the card: NSS gives a new key its id, label and subject
    /// only when it is there, and takes back what it can where that fails. Label and subject are let pass, for the card has no
    /// place for them; an id that was made up is remembered, unless the key was given one before.
    private func isName(_ wanted: Attribute, of object: TokenObject) -> Bool {
        guard object.reference.isKeyHalf, let isNamed = tables.withLock({ $0.isNamed(object.reference, in: slot) })
        else { return false }
        switch wanted.type {
        case CKA_LABEL, CKA_SUBJECT: return true
        case CKA_ID: return !isNamed && wanted.value.count >= Self.shortestMadeUpID
        default: return false
        }
    }

    private func remember(_ id: [UInt8]?, of object: TokenObject) {
        guard let id, isName(Attribute(CKA_ID, id), of: object) else { return }
        tables.withLock {
            $0.remember(id, for: object.description.id, in: slot)
            $0.noteNewKey(object.reference, isNamed: true, in: slot)
        }
    }
}

extension ObjectReference {
    fileprivate var isKeyHalf: Bool { kind == .publicKey || kind == .privateKey }
}

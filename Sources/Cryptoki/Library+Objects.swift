import CPKCS11
import Token

/// Chapter "Object management", as far as it reads (PKCS#11 3.2, section 5.7).
extension Library {
    /// C_FindObjectsInit: finds all at once, so that the result is one state of the card.
    public func findObjectsInit(_ handle: UInt, template: [Attribute]) throws(ReturnCode) {
        let session = try liveSession(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard session.search == nil else { throw .operationActive }
            session.search = try find(template, in: session)[...]
        }
    }

    /// C_FindObjects: the next handles, at most so many.
    public func findObjects(_ handle: UInt, atMost count: Int) throws(ReturnCode) -> [UInt] {
        let session = try liveSession(handle)
        return try session.operationLock.withLock { () throws(ReturnCode) in
            guard let search = session.search else { throw .operationNotInitialized }
            session.search = search.dropFirst(count)
            return Array(search.prefix(count))
        }
    }

    /// C_FindObjectsFinal.
    public func findObjectsFinal(_ handle: UInt) throws(ReturnCode) {
        let session = try session(handle)
        try session.operationLock.withLock { () throws(ReturnCode) in
            guard session.search != nil else { throw .operationNotInitialized }
            session.search = nil
        }
    }

    /// C_GetAttributeValue: one answer for each type, in order.
    public func attributes(
        _ handle: UInt, of object: UInt, types: [AttributeType]
    ) throws(ReturnCode) -> [AttributeAnswer] {
        let session = try liveSession(handle)
        let object = try self.object(object, in: session)
        var answers: [AttributeAnswer] = []
        for type in types { answers.append(try answer(object, type)) }
        return answers
    }

    /// The object behind a handle, where this session may see it now.
    func object(_ handle: UInt, in session: Session) throws(ReturnCode) -> TokenObject {
        let found = lock.withLock { () -> TokenObject? in
            guard case .token(let object)? = objects[handle], object.slot === session.slot,
                !object.description.isPrivate || session.slot.login == .user
            else { return nil }
            return object
        }
        guard let found else { throw .objectHandleInvalid }
        return found
    }

    func answer(_ object: TokenObject, _ type: AttributeType) throws(ReturnCode) -> AttributeAnswer {
        try asking(object.slot, object.token, "reading an attribute") { () throws(TokenError) in
            try object.attribute(type)
        }
    }

    private func find(_ template: [Attribute], in session: Session) throws(ReturnCode) -> [UInt] {
        let slot = session.slot
        let token = try token(of: session)
        let seesPrivate = lock.withLock { slot.login == .user }
        // First what needs no card, then whether the objects are there, then what must be read to compare.
        let candidates = token.catalogue
            .filter { seesPrivate || !$0.isPrivate }
            .map { TokenObject(slot: slot, token: token, description: $0) }
            .filter { $0.description.couldMatch(template) }
        guard !candidates.isEmpty else { return [] }
        let areNamed = template.contains { Self.namingAttributes.contains($0.type) }
        let present = try asking(slot, token, "C_FindObjectsInit") { () throws(TokenError) in
            Set(try token.present(among: candidates.map(\.reference), areNamed: areNamed))
        }
        var found: [TokenObject] = []
        for object in candidates where present.contains(object.reference) {
            if try matches(object, template) { found.append(object) }
        }
        return try lock.withLock { () throws(ReturnCode) in
            guard slot.token === token else { throw .deviceRemoved }
            // The user may have logged out in another thread meanwhile.
            return found.filter { !$0.description.isPrivate || slot.login == .user }.map { objects.handle(for: $0) }
        }
    }

    private func matches(_ object: TokenObject, _ template: [Attribute]) throws(ReturnCode) -> Bool {
        for wanted in template where object.description.knownAttribute(wanted.type) == nil {
            guard try answer(object, wanted.type) == .value(wanted.value) else { return false }
        }
        return true
    }

    /// The attributes by which a user asks for one object and not for all of a kind.
    private static let namingAttributes: Set<AttributeType> = [CKA_ID, CKA_LABEL, CKA_OBJECT_ID, CKA_APPLICATION]
}

import CPKCS11
import Token

/// C_FindObjectsInit, C_FindObjects and C_FindObjectsFinal (PKCS#11 3.2, sections 5.7.7 to 5.7.9).
///
/// The order is the same each time: the card's objects in the order of its catalogue, what the module tells of itself,
/// then session objects in the order in which they were made.
extension Session {
    /// C_FindObjectsInit: finds all at once, so that the result is one state of the card.
    public func findObjectsInit(template: [Attribute]) throws(ReturnCode) {
        try checkPresence()
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard operations[.search] == nil else { throw .operationActive }
            operations.put(Search(try find(template)), .search)
        }
    }

    /// C_FindObjects: the next handles, at most so many. What has ended since the search began is left out.
    public func findObjects(atMost count: Int) throws(ReturnCode) -> [UInt] {
        try checkPresence()
        return try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let search = operations[.search] else { throw .operationNotInitialized }
            var found: [UInt] = []
            while found.count < count, let next = search.rest.popFirst() {
                if calls.object(next, in: record) != nil { found.append(next) }
            }
            return found
        }
    }

    /// C_FindObjectsFinal.
    public func findObjectsFinal() throws(ReturnCode) {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard operations.take(.search) != nil else { throw .operationNotInitialized }
        }
    }

    private func find(_ template: [Attribute]) throws(ReturnCode) -> [UInt] {
        let token = try token()
        let found = try findOnToken(token, withOwnIDs(template))
        let facts = try facts(token, template)
        let made = findInMemory(template)
        return try tables.withLock { (tables) throws(ReturnCode) in
            guard tables.token(in: slot) === token else { throw .deviceRemoved }
            let handles = found.map { tables.objects.handle(for: $0) } + facts.map { tables.objects.handle(for: $0) }
            // The user may have logged out in another thread meanwhile.
            return handles.filter { tables.visibleObject($0, in: record) != nil } + made
        }
    }

    /// How many objects are fetched at a time: other threads come in between.
    private static let step = 256

    /// The session objects that a template means. They are compared without the lock.
    private func findInMemory(_ template: [Attribute]) -> [UInt] {
        var rest = tables.withLock { $0.objects.candidates(for: template, in: slot) }[...]
        var found: [UInt] = []
        while !rest.isEmpty {
            let part = rest.prefix(Self.step)
            rest = rest.dropFirst(Self.step)
            let objects = tables.withLock { tables in part.map { tables.visibleObject($0, in: record) } }
            for case (let handle, .session(let object)?) in zip(part, objects)
            where template.allSatisfy(object.has) {
                found.append(handle)
            }
        }
        return found
    }

    private func facts(
        _ token: any Token, _ template: [Attribute]
    ) throws(ReturnCode) -> [InformationObject] {
        var facts = InformationObject.always
        if template.contains(Self.mechanismClass) {
            facts += try library.mechanisms(of: token, in: slot).map { .mechanism($0) }
        }
        return facts.map { InformationObject(slot: slot, fact: $0) }
            .filter { fact in template.allSatisfy { fact.attribute($0.type).isEqual(to: $0.value) } }
    }

    private func findOnToken(
        _ token: any Token, _ template: [Attribute]
    ) throws(ReturnCode) -> [TokenObject] {
        let login = self.login
        if login == .none { try learnPolicies(token, template) }
        // First what needs no card, then whether the objects are there, then what must be read to compare.
        let candidates = token.catalogue
            .filter { login == .user || !$0.isPrivate || login == .officer && $0.reference.kind == .privateKey }
            .filter { $0.couldMatch(template) }
        guard !candidates.isEmpty else { return [] }
        let areNamed = template.contains { Self.namingAttributes.contains($0.type) }
        let present = try calls.asking(slot, token, "C_FindObjectsInit") { () throws(TokenError) in
            Set(try token.present(among: candidates.map(\.reference), areNamed: areNamed))
        }
        var found: [TokenObject] = []
        for description in candidates where present.contains(description.reference) {
            let object = TokenObject(slot: slot, token: token, description: description)
            if try matches(object, template) { found.append(object.current) }
        }
        return found
    }

    /// Has the card tell which keys it uses without a PIN, where the search may be for those: they are seen without a login.
    private func learnPolicies(_ token: any Token, _ template: [Attribute]) throws(ReturnCode) {
        let hidden = token.catalogue.filter { $0.isPrivate && $0.reference.kind == .privateKey }
            .filter { $0.shownToEverybody.couldMatch(template) }
        guard !hidden.isEmpty else { return }
        try calls.asking(slot, token, "C_FindObjectsInit") { () throws(TokenError) in
            try token.learnPolicies(of: hidden.map(\.reference))
        }
    }

    /// Whether an object is as the template wants it. One that cannot be read, a certificate that is none for example,
    /// is not; it does not hide the others.
    private func matches(_ object: TokenObject, _ template: [Attribute]) throws(ReturnCode) -> Bool {
        guard template.contains(where: { object.description.knownAttribute($0.type) == nil }) else { return true }
        return try calls.asking(object.slot, object.token, "C_FindObjectsInit") { () throws(TokenError) in
            do throws(TokenError) {
                for wanted in template where object.description.knownAttribute(wanted.type) == nil {
                    guard try object.attribute(wanted.type).matches(wanted) else { return false }
                }
                return true
            } catch {
                guard error.isAboutOneObject else { throw error }
                calls.log.error(error, during: "comparing an object in C_FindObjectsInit", slot: object.slot)
                return false
            }
        }
    }

    /// What shows mechanisms to a search.
    private static let mechanismClass = Attribute(CKA_CLASS, CKO_MECHANISM.nativeBytes)

    /// The attributes by which a user asks for one object and not for all of a kind.
    private static let namingAttributes: Set<AttributeType> = [CKA_ID, CKA_LABEL, CKA_OBJECT_ID, CKA_APPLICATION]
}

extension TokenError {
    /// Whether what could not be done is about the object that was asked for, so that others may be read all the same.
    /// The card, the way to it and the login are not.
    fileprivate var isAboutOneObject: Bool {
        switch self {
        case .objectNotFound, .unsupported, .dataInvalid, .failed: true
        case .pinIncorrect, .pinBlocked, .pinLengthOutOfRange, .pinMalformed, .pinTooSimple, .notLoggedIn,
            .keptPINRefused, .pinMissing, .pinEntryEnded, .newPINsDiffer, .useNotAuthenticated, .administratorNeeded,
            .readOnly,
            .removed, .notRecognised, .unresponsive, .heldByAnother,
            .serviceUnavailable, .userActionMissing, .certificateOfAnotherKey, .algorithmNotSupported, .memoryFull:
            false
        }
    }
}

import CPKCS11
import Token

/// C_CreateObject and C_CopyObject (PKCS#11 3.2, sections 5.7.1 and 5.7.2).
extension Session {
    /// C_CreateObject: an object in memory, or with CKA_TOKEN on the card.
    public func create(_ attributes: [Attribute]) throws(ReturnCode) -> UInt {
        try checkPresence()
        let template = try Template(attributes)
        if template[CKA_CLASS] == CKO_PRIVATE_KEY.nativeBytes { return try createPrivateKey(template) }
        if try template.flag(CKA_TOKEN, otherwise: false) {
            if template[CKA_CLASS] == CKO_PUBLIC_KEY.nativeBytes { return try publicKeyOnToken(template) }
            return try createOnToken(Template(withOwnIDs(attributes)))
        }
        let object = try SessionObject(template, slot: slot, owner: handle, isOfficer: isOfficer)
        try library.keyRoles.check(object, from: .created)
        return try add(object)
    }

    /// C_CopyObject: what can be read of an object becomes an object in memory, or with CKA_TOKEN on the card.
    public func copy(object: UInt, _ attributes: [Attribute]) throws(ReturnCode) -> UInt {
        try checkPresence()
        let original = try self.object(object)
        let differences = try Template(attributes)
        guard try answer(original, CKA_COPYABLE) == .flag(true) else { throw .actionProhibited }
        let same = try sessionObject(copying: original, owner: handle)
        var copy = same
        try copy.change(by: differences, isCopy: true, isOfficer: isOfficer)
        try library.keyRoles.checkChange(of: same, to: copy)
        // A public key of the card may wrap there, and as a copy looks like any other.
        try library.keyRoles.check(copy, from: .created)
        guard copy.flag(CKA_TOKEN) else { return try add(copy) }
        return try createOnToken(Template(copy.attributes.map { Attribute($0.key, $0.value) }))
    }

    /// Gives a new session object its handle.
    func add(_ object: SessionObject) throws(ReturnCode) -> UInt {
        try tables.withLock { (tables) throws(ReturnCode) in try tables.add(object, by: record) }
    }

    /// Gives both halves of a new key pair their handles, or none.
    func add(
        _ publicKey: SessionObject, _ privateKey: SessionObject
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        try tables.withLock { (tables) throws(ReturnCode) in try tables.add(publicKey, privateKey, by: record) }
    }

    private func sessionObject(copying original: StoredObject, owner: UInt) throws(ReturnCode) -> SessionObject {
        switch original {
        case .session(let object): return try object.copied(to: owner)
        case .information: throw .actionProhibited
        case .token(let object):
            let kind: [Attribute] = [
                Attribute(CKA_CLASS, object.description.objectClass.nativeBytes),
                Attribute(CKA_CERTIFICATE_TYPE, CKC_X_509.nativeBytes),
                Attribute(CKA_KEY_TYPE, try answer(original, CKA_KEY_TYPE).bytes ?? []),
            ]
            // The attributes that an object in memory of this class has and the card's object does not set for itself.
            let own: Set<AttributeType> = [CKA_TOKEN, CKA_MODIFIABLE, CKA_DESTROYABLE]
            var values: [Attribute] = []
            for rule in try ObjectSchema.rules(for: Template(kind))
            where !rule.notes.contains(.forbidden) && !own.contains(rule.type) {
                guard let value = try answer(original, rule.type).bytes else { continue }
                values.append(Attribute(rule.type, value))
            }
            return try SessionObject(Template(values), slot: object.slot, owner: owner, isOfficer: false)
        }
    }

    /// A public key that a program brings onto the card: it is there with its private one, as NSS and others bring both. Of
    /// another one the card has no place.
    private func publicKeyOnToken(_ template: Template) throws(ReturnCode) -> UInt {
        try checkWritesToken()
        let token = try token()
        let wanted = try SessionObject(template, slot: slot, owner: handle, isOfficer: true).publicKey
        let halves = token.catalogue.filter { $0.reference.kind == .publicKey }
        let present = try calls.asking(slot, token, "C_CreateObject", as: .createObject) { () throws(TokenError) in
            try token.present(among: halves.map(\.reference), areNamed: true)
        }
        for half in halves where present.contains(half.reference) {
            let object = TokenObject(slot: slot, token: token, description: half)
            guard let known = try? object.publicKey(), known == wanted else { continue }
            let current = object.current
            return try tables.withLock { (tables) throws(ReturnCode) in
                guard tables.token(in: slot) === token else { throw .deviceRemoved }
                return tables.objects.handle(for: current)
            }
        }
        throw .attributeValueInvalid
    }

    private func createOnToken(_ template: Template) throws(ReturnCode) -> UInt {
        try checkWritesToken()
        let token = try token()
        let description = try place(for: template, on: token)
        if description.isPrivate, login != .user { throw .userNotLoggedIn }
        // The standard's rules for the class hold here as well; the object itself then lies on the card.
        _ = try SessionObject(template, slot: slot, owner: handle, isOfficer: true)
        try calls.asking(slot, token, "C_CreateObject", as: .createObject) { () throws(TokenError) in
            try token.write(template[CKA_VALUE] ?? [], to: description.reference, ifStill: nil)
        }
        return try newHandles(token, [description])[0]
    }

    /// New handles for objects that were just put onto the card.
    func newHandles(
        _ token: any Token, _ descriptions: [ObjectDescription]
    ) throws(ReturnCode) -> [UInt] {
        let objects = descriptions.map { TokenObject(slot: slot, token: token, description: $0) }
        return try tables.withLock { (tables) throws(ReturnCode) in
            guard tables.token(in: slot) === token else { throw .deviceRemoved }
            return objects.map { tables.objects.newHandle(for: $0) }
        }
    }

    /// Where on the card a new object belongs: a card has a place for each certificate and data object that it can
    /// hold, and the template must name one by its id, object identifier, application or label.
    private func place(for template: Template, on token: any Token) throws(ReturnCode) -> ObjectDescription {
        let names: [AttributeType]
        switch try template.required(CKA_CLASS) {
        case CKO_CERTIFICATE: names = [CKA_ID, CKA_LABEL]
        case CKO_DATA: names = [CKA_OBJECT_ID, CKA_APPLICATION, CKA_LABEL]
        default: throw .attributeValueInvalid
        }
        // The first of them that is given decides. The others a card cannot hold, so they are not looked at.
        guard let name = names.first(where: { template[$0]?.isEmpty == false }) else { throw .templateIncomplete }
        let wanted = template.attributes.filter { $0.type == name || $0.type == CKA_CLASS }
        guard let place = token.catalogue.first(where: { $0.couldMatch(wanted) }) else { throw .attributeValueInvalid }
        guard place.isWritable else { throw .tokenWriteProtected }
        guard try template.flag(CKA_PRIVATE, otherwise: place.isPrivate) == place.isPrivate else {
            // What the card guards, or does not, is not for the template to say.
            throw .templateInconsistent
        }
        return place
    }
}

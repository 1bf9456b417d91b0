import CPKCS11
import HostCrypto
import Keys
import Token

/// C_GenerateKeyPair (PKCS#11 3.2, section 5.18.2), and where a key goes.
extension Session {
    /// C_GenerateKeyPair: with CKA_TOKEN of the private key the card makes the pair, and else the host, in memory.
    ///
    /// - Returns: the handles of the public and of the private key.
    public func generateKeyPair(
        mechanism: Mechanism, publicKey publicAttributes: [Attribute],
        privateKey privateAttributes: [Attribute]
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        try checkPresence()
        guard let scheme = MechanismCatalogue.entry(mechanism.type)?.generatesPair else { throw .mechanismInvalid }
        guard mechanism.parameter == .none else { throw .mechanismParameterInvalid }
        let publicTemplate = try Template(publicAttributes)
        let privateTemplate = try Template(privateAttributes)
        // The public key is where its private one is.
        let isOnToken = try privateTemplate.flag(CKA_TOKEN, otherwise: false)
        guard try publicTemplate.flag(CKA_TOKEN, otherwise: isOnToken) == isOnToken else {
            throw .templateInconsistent
        }
        return isOnToken
            ? try generateOnCard(scheme, publicTemplate, privateTemplate)
            : try generateInMemory(scheme, mechanism.type, publicTemplate, privateTemplate)
    }

    /// The card makes the key pair, in the place that CKA_ID names, of whatever lies there; without it in
    /// the first place that is empty. Programs give labels as they like, so those name no place.
    private func generateOnCard(
        _ scheme: KeyPairScheme, _ publicTemplate: Template, _ privateTemplate: Template
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        _ = try CardKeyTemplate(
            publicTemplate, CKO_PUBLIC_KEY, keyType: scheme.keyType, numbers: CardKeyTemplate.numbersToGenerate)
        let wanted = try CardKeyTemplate(privateTemplate, CKO_PRIVATE_KEY, keyType: scheme.keyType, numbers: [])
        let algorithm = try scheme.algorithm(publicTemplate)
        try checkWritesToken()
        let request = try wanted.request()
        let token = try token()
        let id = try Self.id(publicTemplate, privateTemplate)
        let place = try keyPlace(id, for: algorithm, on: token, in: slot, refusal: scheme.refusal)
        _ = try calls.asking(slot, token, "C_GenerateKeyPair", as: .createObject) { () throws(TokenError) in
            try token.generateKeyPair(algorithm, at: place.reference, request)
        }
        let isNamed = [publicTemplate, privateTemplate].contains { $0[CKA_ID]?.isEmpty == false }
        return try newKeyHandles(
            place, token, Self.madeUpID(publicTemplate, privateTemplate), isNamed: isNamed)
    }

    /// The place on the card of a key that a template names.
    ///
    /// - Parameters:
    ///   - id: CKA_ID, or nil where the template has none.
    ///   - refusal: what is thrown where no key of this algorithm can be there.
    func keyPlace(
        _ id: [UInt8]?, for algorithm: KeyType, on token: any Token, in slot: Slot, refusal: ReturnCode
    ) throws(ReturnCode) -> ObjectDescription {
        let places = token.catalogue.filter { $0.reference.kind == .privateKey }
        if let id {
            guard let place = places.first(where: { $0.id == id }) else { throw .attributeValueInvalid }
            let isPossible = try calls.asking(slot, token, "looking for a key's place", as: .createObject) {
                () throws(TokenError) in
                try token.mayHave(algorithm, at: place.reference)
            }
            guard isPossible else { throw refusal }
            return place
        }
        let empty = try calls.asking(slot, token, "looking for an empty place", as: .createObject) {
            () throws(TokenError) in
            Result { () throws(TokenError) in try token.emptyPlace(for: algorithm) }
        }
        switch empty {
        case .success(let reference):
            guard let place = places.first(where: { $0.reference == reference }) else { throw .deviceMemory }
            return place
        case .failure(.algorithmNotSupported): throw refusal
        // The card does not tell which places are empty, so somebody must.
        case .failure(.unsupported): throw .templateIncomplete
        case .failure(let error): throw SetupFunction.createObject.returnCode(error)
        }
    }

    /// The handles of a key that was just put onto the card, and of its public half.
    ///
    /// - Parameters:
    ///   - madeUp: the id that the program made up for it.
    ///   - isNamed: whether the program gave it any id.
    func newKeyHandles(
        _ place: ObjectDescription, _ token: any Token, _ madeUp: [UInt8]?, isNamed: Bool
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        let half = ObjectReference(.publicKey, place.reference.number)
        guard let publicKey = token.catalogue.first(where: { $0.reference == half }) else { throw .functionFailed }
        tables.withLock {
            $0.noteNewKey(place.reference, isNamed: isNamed, in: slot)
            if let madeUp { $0.remember(madeUp, for: place.id, in: slot) }
        }
        let handles = try newHandles(token, [publicKey, place])
        return (handles[0], handles[1])
    }

    /// CKA_ID of a key, which its halves must not have different. An empty one is none, and so is one as long as no
    /// card's: where a person names no id, GnuTLS makes one up.
    static func id(_ templates: Template...) throws(ReturnCode) -> [UInt8]? {
        let ids = Set(templates.compactMap { $0[CKA_ID] })
        guard ids.count <= 1 else { throw .templateInconsistent }
        return ids.first { !$0.isEmpty && $0.count < Self.shortestMadeUpID }
    }

    /// The id that a program made up, where a template has one: it finds the key by it as long as the card is in.
    static func madeUpID(_ templates: Template...) -> [UInt8]? {
        templates.compactMap { $0[CKA_ID] }.first { $0.count >= shortestMadeUpID }
    }

    /// GnuTLS makes twenty random bytes, or a hash of the key, and NSS a hash; cards' ids here have one byte.
    static let shortestMadeUpID = 16

    /// A template with the card's own ids in the place of those that programs made up for its keys.
    func withOwnIDs(_ attributes: [Attribute]) -> [Attribute] {
        guard attributes.contains(where: { $0.type == CKA_ID && $0.value.count >= Self.shortestMadeUpID }) else {
            return attributes
        }
        return tables.withLock { tables in
            attributes.map { attribute in
                guard attribute.type == CKA_ID, let id = tables.id(madeUpAs: attribute.value, in: slot) else {
                    return attribute
                }
                return Attribute(CKA_ID, id)
            }
        }
    }
}

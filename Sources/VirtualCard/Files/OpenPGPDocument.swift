import HostCrypto

/// The form in which the OpenPGP application's state stands in a card's file.
struct OpenPGPDocument: Codable {
    struct Slot: Codable {
        var attributes: String
        var pkcs8: String?
        var isImported: Bool
        var fingerprint: String
        var authorityFingerprint: String
        var generationTime: String
        var userInteraction: UInt8
        var certificate: String
    }

    struct Attestation: Codable {
        var pkcs8: String
        var certificate: String
        var userInteraction: UInt8
    }

    var userPassword: StateDocument.Reference
    var administratorPassword: StateDocument.Reference
    var resettingCode: StateDocument.Reference
    var keepsPassword: Bool
    var slots: [String: Slot]
    var symmetricKey: String?
    var signatureCount: UInt32
    var objects: [String: String]
    var isTerminated: Bool
    var attestation: Attestation?
}

extension OpenPGPDocument {
    /// The document of a state.
    init(_ state: OpenPGPState) throws {
        userPassword = StateDocument.Reference(state.userPassword)
        administratorPassword = StateDocument.Reference(state.administratorPassword)
        resettingCode = StateDocument.Reference(state.resettingCode)
        keepsPassword = state.keepsPassword
        slots = [:]
        for (slot, entry) in state.slots {
            slots[slot.name] = Slot(
                attributes: hexadecimal(entry.attributes.bytes),
                pkcs8: try entry.key.map { hexadecimal(try $0.pkcs8()) }, isImported: entry.isImported,
                fingerprint: hexadecimal(entry.fingerprint),
                authorityFingerprint: hexadecimal(entry.authorityFingerprint),
                generationTime: hexadecimal(entry.generationTime), userInteraction: entry.userInteraction,
                certificate: hexadecimal(entry.certificate))
        }
        symmetricKey = state.symmetricKey.map { hexadecimal($0) }
        signatureCount = state.signatureCount
        objects = [:]
        for (tag, value) in state.objects { objects[String(tag, radix: 16)] = hexadecimal(value) }
        isTerminated = state.isTerminated
        attestation = try state.attestation.map {
            Attestation(
                pkcs8: hexadecimal(try $0.key.pkcs8()), certificate: hexadecimal($0.certificate),
                userInteraction: $0.userInteraction)
        }
    }

    /// The state of a document, for a card with these features.
    func state(_ features: OpenPGPFeatures) throws(StateFileError) -> OpenPGPState {
        var state = OpenPGPState(features)
        state.userPassword = try userPassword.data("userPassword", size: 1...127)
        state.administratorPassword = try administratorPassword.data("administratorPassword", size: 1...127)
        state.resettingCode = try resettingCode.data("resettingCode", size: 0...127)
        state.keepsPassword = keepsPassword
        for slot in OpenPGPKeySlot.allCases {
            guard let entry = slots[slot.name] else { throw .malformed("slots: \(slot.name)") }
            state[slot] = try entry.slot(slot)
        }
        if let symmetricKey {
            guard let key = bytes(hexadecimal: symmetricKey), key.count == 16 || key.count == 32 else {
                throw .malformed("symmetricKey")
            }
            state.symmetricKey = key
        }
        state.signatureCount = min(signatureCount, 0xFF_FFFF)
        for (name, value) in objects {
            guard let tag = UInt16(name, radix: 16), let value = bytes(hexadecimal: value) else {
                throw .malformed("objects: \(name)")
            }
            state.objects[tag] = value
        }
        state.isTerminated = isTerminated
        state.attestation = try attestation?.attestation()
        return state
    }
}

extension OpenPGPDocument.Attestation {
    func attestation() throws(StateFileError) -> OpenPGPState.Attestation {
        guard let der = bytes(hexadecimal: pkcs8), let key = try? PrivateKey.pkcs8(der),
            let certificate = bytes(hexadecimal: certificate), userInteraction <= 4
        else { throw .malformed("attestation") }
        return OpenPGPState.Attestation(key: key, certificate: certificate, userInteraction: userInteraction)
    }
}

extension OpenPGPDocument.Slot {
    func slot(_ slot: OpenPGPKeySlot) throws(StateFileError) -> OpenPGPState.Slot {
        guard let attributes = bytes(hexadecimal: attributes).flatMap({ AlgorithmAttributes($0, in: slot) }),
            let fingerprint = bytes(hexadecimal: fingerprint), fingerprint.count == 20,
            let authorityFingerprint = bytes(hexadecimal: authorityFingerprint), authorityFingerprint.count == 20,
            let generationTime = bytes(hexadecimal: generationTime), generationTime.count == 4,
            let certificate = bytes(hexadecimal: certificate), userInteraction <= 4
        else { throw .malformed("slots: \(slot.name)") }
        var key: PrivateKey?
        if let pkcs8 {
            guard let der = bytes(hexadecimal: pkcs8), let read = try? PrivateKey.pkcs8(der),
                read.type == attributes.algorithm.keyType
            else { throw .malformed("slots: \(slot.name)") }
            key = read
        }
        return OpenPGPState.Slot(
            attributes: attributes, key: key, isImported: isImported, fingerprint: fingerprint,
            authorityFingerprint: authorityFingerprint, generationTime: generationTime,
            userInteraction: userInteraction, certificate: certificate)
    }
}

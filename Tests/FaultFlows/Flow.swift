import CPKCS11
import Cryptoki
import HostCrypto

/// What a program does with the module, from the opening of the card on, with everything checked that comes out.
public enum Flow: String, CaseIterable, Sendable {
    /// The flows.
    case list, logIn, signRSA, signEC, signOpenPGP, decrypt, derive, writeCertificate, generate, importKey, changePIN

    /// A result that is wrong: worse than any error.
    struct WrongResult: Error { let what: String }

    /// Runs it and tells what came of it: "done", the return code of the call that failed, in hexadecimal, or a result that
    /// is wrong.
    ///
    /// - Parameter pin: what the user knows to be the PIN.
    public func outcome(_ library: Library, pin: String, on card: CardKeys) -> String {
        do {
            try run(library, pin: pin, on: card)
            return "done"
        } catch let code as ReturnCode {
            return String(code.rawValue, radix: 16)
        } catch {
            return "wrong: \(error)"
        }
    }

    /// Whether a flow may have this outcome where something goes wrong.
    public static func permits(_ outcome: String) -> Bool {
        outcome == "done" || documented.contains { outcome == String($0.rawValue, radix: 16) }
    }

    private static let documented: Set<ReturnCode> = [
        .deviceError, .deviceRemoved, .tokenNotPresent, .tokenNotRecognized, .sessionHandleInvalid, .deviceMemory,
        .objectHandleInvalid, .keyHandleInvalid, .userNotLoggedIn, .pinIncorrect, .pinLocked, .functionFailed,
        .dataInvalid, .keyFunctionNotPermitted, .keyTypeInconsistent, .pinInvalid, .functionCanceled,
        .attributeValueInvalid, .encryptedDataInvalid,
    ]

    private func run(_ library: Library, pin: String, on card: CardKeys) throws {
        let slots = library.slotList(withToken: true, isAskedAnew: true)
        guard let slot = self == .signOpenPGP ? slots.dropFirst().first : slots.first else {
            throw ReturnCode.tokenNotPresent
        }
        _ = try library.tokenInfo(slot)
        let session = try library.session(
            library.openSession(slot, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION))
        defer { try? library.closeAllSessions(slot) }
        let caller = Caller(session: session, pin: pin, card: card)
        if self == .list { return try caller.list() }
        let isAdministration = [.writeCertificate, .generate, .importKey].contains(self)
        try caller.logIn(isAdministration ? CKU_SO : CKU_USER)
        switch self {
        case .list, .logIn: break
        case .signRSA: try caller.sign(0x01, Mechanism(CKM_SHA256_RSA_PKCS))
        case .signEC: try caller.sign(0x02, Mechanism(CKM_ECDSA_SHA256))
        case .signOpenPGP: try caller.sign(0x03, Mechanism(CKM_EDDSA))
        case .decrypt: try caller.decrypt(0x01)
        case .derive: try caller.derive(0x03)
        case .writeCertificate: try caller.writeCertificate(0x05)
        case .generate: try caller.generate(0x04)
        case .importKey: try caller.importKey(0x04)
        case .changePIN: try caller.changePIN()
        }
        try session.logout()
    }
}

/// The calls of a flow.
private struct Caller {
    let session: Session
    let pin: String
    let card: CardKeys

    func logIn(_ user: UInt) throws {
        let pin = Array((user == CKU_SO ? CardKeys.managementKey : pin).utf8)
        try session.login(userType: user, pin: pin.span.bytes)
    }

    func list() throws {
        let objects = try find([])
        guard objects.count > 10 else { throw ReturnCode.objectHandleInvalid }
        for object in objects { _ = try session.attributes(of: object, types: [CKA_LABEL, CKA_CLASS]) }
        for certificate in try find([.number(CKA_CLASS, CKO_CERTIFICATE)]) {
            guard case .value(let der)? = try session.attributes(of: certificate, types: [CKA_VALUE]).first
            else { throw ReturnCode.attributeTypeInvalid }
            guard (try? Certificate(der: der)) != nil else { throw Flow.WrongResult(what: "a certificate") }
        }
    }

    func sign(_ id: UInt8, _ mechanism: Mechanism) throws {
        try session.signInit(mechanism: mechanism, key: key(CKO_PRIVATE_KEY, id))
        let data = Array("what is signed".utf8)
        // The key of 9C wants the PIN for each use; the others have no operation that waits for it.
        if id == 0x02 { try logIn(CKU_CONTEXT_SPECIFIC) }
        let signature = try content(session.sign(data: data.span.bytes, capacity: 512))
        try session.verifyInit(mechanism: mechanism, key: key(CKO_PUBLIC_KEY, id))
        do {
            try session.verify(data: data.span.bytes, signature: signature.span.bytes)
        } catch {
            throw Flow.WrongResult(what: "a signature: \(error)")
        }
    }

    func decrypt(_ id: UInt8) throws {
        let message = Array("what is secret".utf8)
        let ciphertext = try card.encrypted(message)
        try session.decryptInit(mechanism: Mechanism(CKM_RSA_PKCS), key: key(CKO_PRIVATE_KEY, id))
        let plaintext = try content(session.decrypt(ciphertext: ciphertext.span.bytes, capacity: 512))
        guard plaintext == message else { throw Flow.WrongResult(what: "a plaintext") }
    }

    func derive(_ id: UInt8) throws {
        let (point, secret) = try card.agreement()
        let parameters = AgreementParameters(function: CKD_NULL, publicData: point)
        let derived = try session.deriveKey(
            mechanism: Mechanism(CKM_ECDH1_DERIVE, .agreement(parameters)),
            baseKey: key(CKO_PRIVATE_KEY, id), [.flag(CKA_EXTRACTABLE, true), .flag(CKA_SENSITIVE, false)])
        guard case .secret(let value)? = try session.attributes(of: derived, types: [CKA_VALUE]).first else {
            throw ReturnCode.attributeSensitive
        }
        guard value == secret else { throw Flow.WrongResult(what: "a shared secret") }
    }

    func writeCertificate(_ id: UInt8) throws {
        let certificate = try NewKey.certificate()
        let object = try session.create([
            .number(CKA_CLASS, CKO_CERTIFICATE), .number(CKA_CERTIFICATE_TYPE, CKC_X_509), .flag(CKA_TOKEN, true),
            Attribute(CKA_ID, [id]), Attribute(CKA_SUBJECT, certificate.subject),
            Attribute(CKA_VALUE, certificate.der),
        ])
        guard try session.attributes(of: object, types: [CKA_VALUE]) == [.value(certificate.der)] else {
            throw Flow.WrongResult(what: "a certificate")
        }
    }

    func generate(_ id: UInt8) throws {
        let named: [Attribute] = [.flag(CKA_TOKEN, true), Attribute(CKA_ID, [id])]
        let pair = try session.generateKeyPair(
            mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN),
            publicKey: named + [Attribute(CKA_EC_PARAMS, NewKey.curve)], privateKey: named)
        try checkPair(pair.publicKey, id)
    }

    func importKey(_ id: UInt8) throws {
        let (scalar, point) = try NewKey.parts()
        _ = try session.create([
            .number(CKA_CLASS, CKO_PRIVATE_KEY), .number(CKA_KEY_TYPE, CKK_EC), .flag(CKA_TOKEN, true),
            Attribute(CKA_ID, [id]), Attribute(CKA_EC_PARAMS, NewKey.curve), Attribute(CKA_VALUE, scalar),
        ])
        let publicKey = try key(CKO_PUBLIC_KEY, id)
        guard try session.attributes(of: publicKey, types: [CKA_EC_POINT]) == [.value(point)] else {
            throw Flow.WrongResult(what: "the public half of an imported key")
        }
        try checkPair(publicKey, id)
    }

    /// The new key signs: 9E, which wants no login.
    private func checkPair(_ publicKey: UInt, _ id: UInt8) throws {
        guard try key(CKO_PUBLIC_KEY, id) == publicKey else { throw Flow.WrongResult(what: "a handle") }
        try sign(id, Mechanism(CKM_ECDSA_SHA256))
    }

    func changePIN() throws {
        let old = Array(pin.utf8), new = Array(CardKeys.otherPIN(than: pin).utf8)
        try session.setPIN(from: old.span.bytes, to: new.span.bytes)
    }

    private func key(_ kind: UInt, _ id: UInt8) throws -> UInt {
        guard let key = try find([.number(CKA_CLASS, kind), Attribute(CKA_ID, [id])]).first else {
            throw ReturnCode.objectHandleInvalid
        }
        return key
    }

    private func find(_ template: [Attribute]) throws -> [UInt] {
        try session.findObjectsInit(template: template)
        defer { try? session.findObjectsFinal() }
        return try session.findObjects(atMost: 200)
    }

    private func content(_ output: Output) throws -> [UInt8] {
        switch output {
        case .bytes(let bytes), .plaintext(let bytes): bytes
        case .secret(let secret): secret.withBytes { [UInt8]($0) }
        case .length, .tooSmall, .written: throw ReturnCode.bufferTooSmall
        }
    }
}

extension Attribute {
    fileprivate static func flag(_ type: AttributeType, _ value: Bool) -> Attribute { Attribute(type, [value ? 1 : 0]) }

    fileprivate static func number(_ type: AttributeType, _ value: UInt) -> Attribute {
        Attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }
}

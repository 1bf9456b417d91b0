import CPKCS11
import Cryptoki
import HostCrypto
import Testing
import Token

@testable import VirtualCard

/// What people do with a card.
enum CardJob: String, CaseIterable, CustomStringConvertible {
    /// All objects, as `ssh-keygen -D` asks for them: every key and certificate is there.
    case list
    /// C_Login.
    case logIn
    /// A login, and a signature with each key that can sign, verified by the public key that is shown.
    case sign
    /// A login, and another one in a second process, and then a signature in each: as ssh-agent beside another program.
    case secondLogin
    /// A new key pair in a place, by the administrator.
    case generate
    /// A key that is brought to the card.
    case importKey
    /// A certificate that is written, and read back by another process.
    case certificate
    /// Another PIN, and a login with it.
    case changePIN
    /// The factory's state.
    case reset

    var description: String { rawValue }
}

/// What came of a job.
enum CardOutcome: Hashable, CustomStringConvertible {
    case done
    /// Something was not there, or was wrong.
    case wrong(String)
    /// A return code.
    case refused(ReturnCode)
    /// A token's refusal, by its kind.
    case refusedBy(String)

    var description: String {
        switch self {
        case .done: "done"
        case .wrong(let what): "WRONG (\(what))"
        case .refused(let code): "refused (\(code))"
        case .refusedBy(let what): "refused (\(what))"
        }
    }
}

extension CardRow {
    /// What comes of a job on a new card, and how many tries of PINs and codes it has cost.
    func outcome(of job: CardJob) throws -> (CardOutcome, lost: Int) {
        let state = try Self.card(profile, quirk)
        let reader = QuietReader(state)
        let before = reader.kept.withLock { Self.tries($0) }
        let outcome: CardOutcome
        do {
            outcome = try run(job, reader)
        } catch let code as ReturnCode {
            outcome = .refused(code)
        } catch let error as TokenError {
            outcome = .refusedBy(Self.kind(error))
        }
        return (outcome, max(0, before - reader.kept.withLock { Self.tries($0) }))
    }

    private static func kind(_ error: TokenError) -> String {
        if case .failed(let text) = error { return text.contains("fingerprint") ? "fingerprint" : "failed" }
        return "\(error)"
    }

    /// The tries that all PINs and codes have left.
    private static func tries(_ state: CardState) -> Int {
        let ofPIV = [state.applicationPIN, state.unblockingKey, state.globalPIN].map(\.triesLeft)
        let ofOpenPGP = state.openPGP.map { [$0.userPassword.triesLeft, $0.administratorPassword.triesLeft] } ?? []
        return (ofPIV + ofOpenPGP).reduce(0, +)
    }

    private func run(_ job: CardJob, _ reader: QuietReader) throws -> CardOutcome {
        switch job {
        case .list: return try list(QuietUser(reader))
        case .logIn:
            try logIn(QuietUser(reader))
            return .done
        case .sign: return try sign(QuietUser(reader))
        case .secondLogin:
            let first = try QuietUser(reader)
            try logIn(first)
            let second = try sign(QuietUser(reader))
            return second == .done ? try signatures(first) : second
        case .generate: return try withToken(reader, generate)
        case .importKey: return try withToken(reader, importKey)
        case .certificate: return try withToken(reader, writeCertificate)
        case .changePIN: return try withToken(reader, changePIN)
        case .reset: return try withToken(reader, reset)
        }
    }

    private func list(_ user: QuietUser) throws -> CardOutcome {
        for id in ids {
            guard try !user.find(CKO_PUBLIC_KEY, id: id).isEmpty else { return .wrong("no public key \(id)") }
            let isCertified = try !user.find(CKO_CERTIFICATE, id: id).isEmpty
            if !isCertified, hasCertificate(id) { return .wrong("no certificate \(id)") }
        }
        return .done
    }

    private func logIn(_ user: QuietUser) throws {
        let pin = Array(pin.utf8)
        try user.library.session(user.session).login(userType: CKU_USER, pin: pin.span.bytes)
    }

    private func sign(_ user: QuietUser) throws -> CardOutcome {
        try logIn(user)
        return try signatures(user)
    }

    private func signatures(_ user: QuietUser) throws -> CardOutcome {
        for id in signing {
            let mechanism = isRSA(id) ? CKM_SHA256_RSA_PKCS : CKM_ECDSA_SHA256
            let session = try user.library.session(user.session)
            guard let key = try user.find(CKO_PRIVATE_KEY, id: id).first else { return .wrong("no private key \(id)") }
            try session.signInit(mechanism: Mechanism(mechanism), key: key)
            let message = Array("what is signed".utf8)
            let pin = Array(pin.utf8)
            // A key that wants its PIN each time gets it.
            try? session.login(userType: CKU_CONTEXT_SPECIFIC, pin: pin.span.bytes)
            guard case .bytes(let signature) = try session.sign(data: message.span.bytes, capacity: 1024) else {
                return .wrong("no signature")
            }
            guard try user.verifies(signature, id: id, mechanism) else { return .wrong("signature \(id)") }
        }
        return .done
    }

    private func withToken(_ reader: QuietReader, _ body: (any Token, QuietReader) throws -> Void) throws -> CardOutcome
    {
        var found: (any Token)?
        try reader.elsewhere { found = $0.first }
        guard let found else { return .wrong("no token") }
        try body(found, reader)
        return .done
    }

    private func administrate(_ token: any Token) throws {
        let secret = Array(administratorSecret.utf8)
        try token.loginAdministrator(secret: secret.span.bytes)
    }

    private func generate(_ token: any Token, _ reader: QuietReader) throws {
        try administrate(token)
        let made = try token.generateKeyPair(isRSA(ids[0]) ? .rsa(bits: 2048) : .ec(.p256), at: place, KeyRequest())
        guard tellsNewKeys else { return }
        try reader.elsewhere { tokens in
            guard try tokens.first?.subjectPublicKeyInfo(of: place) == made else { throw TokenError.objectNotFound }
        }
    }

    private func importKey(_ token: any Token, _ reader: QuietReader) throws {
        try administrate(token)
        let key = try PrivateKey.generate(isRSA(ids[0]) ? .rsa(bits: 2048) : .ec(.p256))
        let info = try key.pkcs8()
        try token.importPrivateKey(info.span.bytes, at: place, KeyRequest())
        guard tellsNewKeys, !has("metadata-6f00-imported") else { return }
        try reader.elsewhere { tokens in
            guard try tokens.first?.subjectPublicKeyInfo(of: place) == key.publicKey.subjectPublicKeyInfo else {
                throw TokenError.objectNotFound
            }
        }
    }

    private func writeCertificate(_ token: any Token, _ reader: QuietReader) throws {
        // AUT's, which every version of OpenPGP cards has.
        let certificate = ObjectReference(.certificate, isPIV ? 0x9A : 3)
        let der = try token.value(of: certificate)
        try administrate(token)
        try token.write(der, to: certificate, ifStill: nil)
        try reader.elsewhere { tokens in
            guard try tokens.first?.value(of: certificate) == der else { throw TokenError.objectNotFound }
        }
    }

    private func changePIN(_ token: any Token, _ reader: QuietReader) throws {
        let (old, new) = (Array(pin.utf8), Array("91472683".utf8))
        try token.changePIN(from: old.span.bytes, to: new.span.bytes)
        try reader.elsewhere { try $0.first?.login(pin: new.span.bytes) }
    }

    private func reset(_ token: any Token, _ reader: QuietReader) throws {
        try token.reset()
        try reader.elsewhere { tokens in
            guard let token = tokens.first else { throw TokenError.notRecognised }
            let keys = ids.map { _ in place }
            guard try token.present(among: keys, areNamed: true).isEmpty else { throw TokenError.readOnly }
        }
    }
}

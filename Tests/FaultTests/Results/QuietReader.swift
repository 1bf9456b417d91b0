import CPKCS11
import Cryptoki
import HostCrypto
import ISO7816
import Platform
import Testing
import Token
import Wiring

@testable import VirtualCard

/// A reader in which another card can lie without anybody being told, and between whose card and the process somebody may
/// answer.
final class QuietReader: TokenSource, CardChannel, @unchecked Sendable {
    var card: VirtualCard
    /// Answers a command in the card's place, or lets it through with nil.
    var intercept: ([UInt8]) -> [UInt8]? = { _ in nil }
    /// What becomes of an answer on its way.
    var distortion: (_ command: [UInt8], _ answer: [UInt8]) -> [UInt8] = { $1 }
    /// Every command that was sent.
    var sent: [[UInt8]] = []
    let answerToReset: [UInt8]
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private let retention: PINRetention
    private let milliseconds = Guarded(1_000_000)
    /// What the card keeps without power.
    let kept: Guarded<CardState>

    init(_ state: CardState, _ retention: PINRetention = .session) {
        let kept = Guarded(state)
        self.kept = kept
        card = VirtualCard(state: state) { state in kept.withLock { $0 = state } }
        answerToReset = card.answerToReset
        self.retention = retention
        card.reset()
    }

    /// How many commands held a PIN for VERIFY.
    var pinsSent: Int { sent.count { $0.count > 5 && $0[1] == 0x20 } }
    /// The instructions of what was sent, without GET RESPONSE and the parts before the last of a chain.
    var instructions: [UInt8] { sent.filter { $0[1] != 0xC0 && $0[0] & 0x10 == 0 }.map { $0[1] } }

    func wait(seconds: Int) { milliseconds.withLock { $0 += seconds * 1000 } }
    func now() -> Int { milliseconds.withLock { $0 } }

    func readers() -> [ReaderPresence] { [ReaderPresence(name: "reader", insertion: 1)] }
    func waitForChange(since known: [ReaderPresence]) -> Bool { false }
    func stopWaiting() {}
    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        try CardApplications.open(Card(channel: self), pinRetention: retention, clock: { [self] in now() })
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity { .kept }
    func endTransaction() {}
    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let bytes = command.withUnsafeBytes { [UInt8]($0) }
        sent.append(bytes)
        return distortion(bytes, intercept(bytes) ?? card.process(bytes))
    }

    /// What another process does with the card meanwhile: it has one token for each application.
    func elsewhere(_ body: ([any Token]) throws -> Void) throws {
        let other = QuietReader(self)
        try body(try other.openCard(in: "reader", isPatient: true).tokens.compactMap { $0 })
    }

    private init(_ other: QuietReader) {
        (card, answerToReset, retention, kept) = (other.card, other.answerToReset, .session, other.kept)
    }
}

/// A process that works with the card of such a reader.
struct QuietUser {
    let reader: QuietReader
    let library: Library
    let session: UInt

    init(
        _ state: CardState, _ retention: PINRetention = .session, check: SignatureCheck = .all, logsIn: Bool = true
    ) throws {
        try self.init(QuietReader(state, retention), check: check)
        if logsIn { try login() }
    }

    /// A process that has seen nothing of the card yet, and is not logged in.
    init(_ reader: QuietReader, check: SignatureCheck = .all) throws {
        self.reader = reader
        library = Library(source: reader, signatureCheck: check, clock: { reader.now() })
        let slot = try #require(library.slotList(withToken: true, isAskedAnew: true).first)
        _ = try library.tokenInfo(slot)
        session = try library.openSession(slot, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION)
    }

    func login() throws { try login(session) }

    func login(_ session: UInt) throws {
        let pin = Array("123456".utf8)
        try library.session(session).login(userType: CKU_USER, pin: pin.span.bytes)
    }

    func find(_ kind: UInt, id: UInt8? = nil, in session: UInt? = nil) throws -> [UInt] {
        let session = try library.session(session ?? self.session)
        var template = [Attribute(CKA_CLASS, withUnsafeBytes(of: kind) { Array($0) })]
        if let id { template.append(Attribute(CKA_ID, [id])) }
        try session.findObjectsInit(template: template)
        defer { try? session.findObjectsFinal() }
        return try session.findObjects(atMost: 200)
    }

    func key(_ id: UInt8, in session: UInt? = nil) throws -> UInt {
        try #require(try find(CKO_PRIVATE_KEY, id: id, in: session).first)
    }

    /// Lists everything, as programs do that show a token.
    func list() throws {
        for kind in [CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_DATA] { _ = try find(kind) }
    }

    private static let message = Array("what is signed".utf8)

    @discardableResult
    func sign(_ key: UInt, _ mechanism: UInt, in session: UInt? = nil) throws -> [UInt8] {
        let session = try library.session(session ?? self.session)
        try session.signInit(mechanism: Mechanism(mechanism), key: key)
        guard case .bytes(let signature) = try session.sign(data: Self.message.span.bytes, capacity: 1024) else {
            throw ReturnCode.bufferTooSmall
        }
        return signature
    }

    /// Whether a signature is right by what the module shows as the public key.
    func verifies(_ signature: [UInt8], id: UInt8, _ mechanism: UInt) throws -> Bool {
        let key = try #require(try find(CKO_PUBLIC_KEY, id: id).first)
        let session = try library.session(session)
        try session.verifyInit(mechanism: Mechanism(mechanism), key: key)
        do throws(ReturnCode) {
            try session.verify(data: Self.message.span.bytes, signature: signature.span.bytes)
            return true
        } catch {
            return false
        }
    }

    func decrypt(_ key: UInt, _ ciphertext: [UInt8]) throws {
        let session = try library.session(session)
        try session.decryptInit(mechanism: Mechanism(CKM_RSA_PKCS), key: key)
        _ = try session.decrypt(ciphertext: ciphertext.span.bytes, capacity: 1024)
    }

    func derive(_ key: UInt, _ point: [UInt8]) throws {
        let parameters = AgreementParameters(function: CKD_NULL, publicData: point)
        _ = try library.session(session).deriveKey(
            mechanism: Mechanism(CKM_ECDH1_DERIVE, .agreement(parameters)), baseKey: key, [])
    }
}

/// The return code that a call throws; nil where it throws none.
func code(_ body: () throws -> Void) -> ReturnCode? {
    do {
        try body()
        return nil
    } catch {
        return error as? ReturnCode ?? .generalError
    }
}

extension CardState {
    /// A card with these keys, by their references or the names of their slots.
    static func with(
        _ profile: CardProfile, serialNumber: UInt32 = 7, identified: Bool = true, _ keys: [String: String]
    ) throws -> CardState {
        var builder = try CardBuilder(profile: profile, serialNumber: serialNumber, identified: identified)
        for (place, algorithm) in keys.sorted(by: { $0.key > $1.key }) {
            if let reference = UInt8(place, radix: 16) {
                try builder.add(CardBuilder.KeyPlan(reference: reference, algorithm: algorithm))
            } else {
                try builder.add(CardBuilder.OpenPGPKeyPlan(slot: place, algorithm: algorithm))
            }
        }
        return builder.state
    }

    /// The same card with other keys and their certificates.
    func changed(_ keys: [String: String]) throws -> CardState {
        var other = try Self.with(profile, keys)
        other.objects[0x5FC102] = objects[0x5FC102]
        return other
    }
}

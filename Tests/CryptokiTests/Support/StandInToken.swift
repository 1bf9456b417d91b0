import CLibrary
import HostCrypto
import Keys
import Platform
import Token

/// A token in memory: one key that needs the login, one that does not, a certificate, an object that has no index, and
/// two that can be written to.
final class StandInToken: Token, @unchecked Sendable {
    let serialNumber: String
    private let lock = Lock()
    let key: PrivateKey
    /// What the next call throws.
    var failure: TokenError?
    /// What happens while the next logout, or the next question of that name, is under way.
    var duringLogout: (() throws -> Void)?
    var during: [String: () throws -> Void] = [:]
    /// How often each kind of question was asked.
    private(set) var questions: [String] = []
    var isLoggedIn = false
    var tries = PINStatus(retriesLeft: 2)
    var holdsKeys = true
    /// Whether the reader has keys, and what is thrown where something is to be typed there.
    var hasPINPad = false
    var padFailure: TokenError?
    /// Whether the card gives no random bytes just now.
    var isBusy = false
    /// When the keys want the PIN, and what they do.
    var policy = KeyPolicy.PINPolicy.once
    var usage: KeyUsage = [.sign]
    var origin = KeyPolicy.Origin.unknown
    /// What keys were asked for, and which were imported.
    var requests: [KeyRequest] = []
    var imported: [[UInt8]] = []
    var emptyPlace: Result<ObjectReference?, TokenError> = .success(nil)
    /// What the key was given to sign.
    private(set) var signed: [[UInt8]] = []
    /// What is done to a signature before it leaves.
    var distortion: (([UInt8]) -> [UInt8])?
    /// What was written.
    var values: [ObjectReference: [UInt8]] = [:]
    private var revisions: [ObjectReference: UInt64] = [:]

    /// - Parameters:
    ///   - key: the one key behind all key objects; P-256 where there is none.
    ///   - padsRSA: whether the token pads, and takes the padding off.
    init(
        serialNumber: String = "1", key: PrivateKey? = nil, padsRSA: Bool = false, hasSecretKey: Bool = false
    ) throws {
        catalogue = Self.objects + (hasSecretKey ? [Self.secretKey] : [])
        self.serialNumber = serialNumber
        self.padsRSA = padsRSA
        self.key = try key ?? PrivateKey.generate(.ec(.p256))
    }

    let catalogue: [ObjectDescription]

    private static let secretKey = ObjectDescription(
        ObjectReference(.secretKey, 1), label: "secret", id: [1], isPrivate: true)

    private static let objects: [ObjectDescription] = [
        ObjectDescription(ObjectReference(.certificate, 1), label: "certificate", id: [1]),
        ObjectDescription(ObjectReference(.publicKey, 1), label: "public", id: [1]),
        ObjectDescription(ObjectReference(.privateKey, 1), label: "private", id: [1], isPrivate: true),
        ObjectDescription(ObjectReference(.privateKey, 2), label: "open", id: [2]),
        ObjectDescription(ObjectReference(.data, 3), label: "hidden", application: "hidden"),
        ObjectDescription(ObjectReference(.data, 4), label: "absent", application: "absent"),
        ObjectDescription(ObjectReference(.data, 5), label: "box", isWritable: true, application: "box"),
        ObjectDescription(
            ObjectReference(.data, 6), label: "safe", isPrivate: true, isWritable: true, application: "safe"),
    ]

    func information() throws(TokenError) -> TokenInformation {
        try note("information")
        return TokenInformation(
            label: "stand-in", manufacturer: "test", model: "test", serialNumber: serialNumber, pinLengths: 4...8,
            administratorSecretLengths: 6...64, holdsKeys: holdsKeys)
    }

    func pinStatus() throws(TokenError) -> PINStatus {
        try note("pinStatus")
        return tries
    }

    func present(among objects: [ObjectReference], areNamed: Bool) throws(TokenError) -> [ObjectReference] {
        try note("present")
        return objects.filter { $0.number > 4 ? values[$0] != nil : $0.number != 4 && (areNamed || $0.number != 3) }
    }

    func value(of object: ObjectReference) throws(TokenError) -> [UInt8] {
        try note("value")
        return values[object] ?? [1, 2, 3]
    }

    func revision(of object: ObjectReference) -> UInt64 { lock.withLock { revisions[object] ?? 0 } }

    func write(_ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?) throws(TokenError) {
        try note("write")
        if let revision, revision != self.revision(of: object) { throw .objectNotFound }
        values[object] = value
    }

    func delete(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError) {
        try note("delete")
        if revision != self.revision(of: object) { throw .objectNotFound }
        values[object] = nil
        lock.withLock { revisions[object, default: 0] += 1 }
    }

    func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        self.key.publicKey.subjectPublicKeyInfo
    }

    func policy(of key: ObjectReference) throws(TokenError) -> KeyPolicy { KeyPolicy(pin: policy, origin: origin) }

    func usage(of key: ObjectReference) throws(TokenError) -> KeyUsage { usage }

    func usage(of algorithm: KeyType, at place: ObjectReference) -> KeyUsage { usage }

    func login(pin: RawSpan) throws(TokenError) {
        try note("login")
        isLoggedIn = true
    }

    func authenticate(pin: RawSpan, forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try note("authenticate")
        return Permission()
    }

    func authenticateWithLogin(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try note("authenticateWithLogin")
        return Permission()
    }

    func loginAdministrator(secret: RawSpan) throws(TokenError) { try note("loginAdministrator") }

    func logout() {
        isLoggedIn = false
        let action = duringLogout
        duringLogout = nil
        try? action?()
    }

    let padsRSA: Bool

    var algorithms = CardAlgorithms(rsa: 1024...2048, ecdsa: 256...384, agreement: 256...384)

    func cardAlgorithms() throws(TokenError) -> CardAlgorithms {
        try note("cardAlgorithms")
        return algorithms
    }

    /// As an OpenPGP card has it, where the token pads.
    func mostToPad(modulusSize: Int) -> Int { padsRSA ? modulusSize * 4 / 10 : modulusSize - 11 }

    func sign(
        with key: ObjectReference, input: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        try note("sign")
        lock.withLock { signed.append(input) }
        let isAuthorized = policy != .always || authorization != nil
        guard isAuthorized else { throw .useNotAuthenticated }
        let signature = try? signature(of: input)
        guard let signature else { throw .dataInvalid }
        return distortion?(signature) ?? signature
    }

    private func signature(of input: [UInt8]) throws -> [UInt8] {
        switch key.publicKey {
        case .rsa(let modulus, _) where padsRSA:
            try key.rsaPrivateOperation(RSAPadding.pkcs1Signature(of: input, count: modulus.count))
        case .rsa: try key.rsaPrivateOperation(input)
        case .ec: try key.signECDSA(hash: input)
        default: try key.signEdDSA(input)
        }
    }

    func decipher(
        with key: ObjectReference, ciphertext: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        try note("decipher")
        let block = try? self.key.rsaPrivateOperation(ciphertext)
        let message = padsRSA ? block.flatMap { try? RSAPadding.pkcs1Message(in: $0) } : block
        guard let message else { throw .dataInvalid }
        return message
    }

    func sharedSecret(
        with key: ObjectReference, point: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        try note("sharedSecret")
        if policy == .always, authorization == nil { throw .useNotAuthenticated }
        guard let secret = try? self.key.sharedSecret(with: self.key.publicKey.peer(at: point)) else {
            throw .dataInvalid
        }
        return secret
    }

    func cipher(
        _ blocks: [UInt8], iv: [UInt8], with key: ObjectReference, isEncrypting: Bool
    ) throws(TokenError) -> [UInt8] {
        try note("cipher")
        let key = [UInt8](repeating: 7, count: 16)
        let mode = BlockCipher.Mode.cbc(iv: iv)
        guard
            let result = try? isEncrypting
                ? BlockCipher.aes128.encrypt(blocks, key: key, mode: mode)
                : BlockCipher.aes128.decrypt(blocks, key: key, mode: mode)
        else { throw .dataInvalid }
        return result
    }

    func randomBytes(atMost count: Int) throws(TokenError) -> [UInt8] {
        try note("randomBytes")
        return isBusy ? [] : [UInt8](repeating: 0xAA, count: count)
    }

    func note(_ question: String) throws(TokenError) {
        try? during.removeValue(forKey: question)?()
        try lock.withLock { () throws(TokenError) in
            questions.append(question)
            if let failure {
                self.failure = nil
                throw failure
            }
        }
    }

    final class Permission: UseAuthorization {}
}

/// Readers in memory, whose cards a test puts in and pulls out.
final class StandInReaders: TokenSource, @unchecked Sendable {
    private let lock = Lock()
    private var shown: [ReaderPresence]
    private var isStopped = false
    var statuses: [ReaderPresence] {
        get { lock.withLock { shown } }
        set { lock.withLock { shown = newValue } }
    }
    var cards: [String: [any Token]]
    /// How the applications that do not answer at first are looked for, by their places among a card's tokens.
    var unanswered: [Int: CardContents.Opening] = [:]
    /// How many cards were opened.
    private(set) var openings = 0
    /// What opening a card throws, and whether the last opening would have waited.
    var failure: TokenError?
    private(set) var wasPatient = false
    /// Runs while a card is opened, given whether that waits for another program.
    var duringOpening: ((_ isPatient: Bool) -> Void)?
    /// How often was looked.
    private(set) var looks = 0
    /// The milliseconds of a clock that the test sets.
    var now = 0

    init(_ cards: [String: [any Token]]) {
        self.cards = cards
        shown = cards.keys.sorted().enumerated().map { ReaderPresence(name: $1, insertion: UInt64($0 + 1)) }
    }

    func readers() -> [ReaderPresence] {
        lock.withLock {
            looks += 1
            return shown
        }
    }

    func waitForChange(since known: [ReaderPresence]) -> Bool {
        while statuses == known {
            if lock.withLock({ isStopped }) { return false }
            usleep(1000)
        }
        return true
    }

    func stopWaiting() { lock.withLock { isStopped = true } }

    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        openings += 1
        wasPatient = isPatient
        duringOpening?(isPatient)
        if let failure { throw failure }
        guard let tokens = cards[reader] else { throw .removed }
        guard !tokens.isEmpty else { throw .notRecognised }
        return CardContents(
            tokens.indices.map { unanswered[$0] == nil ? tokens[$0] : nil }, unanswered: unanswered)
    }
}

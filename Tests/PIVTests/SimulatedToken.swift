import HostCrypto
import ISO7816
import Platform
import TestSupport
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import PIV

/// Key pairs that many tests share: making an RSA key takes longer than a test.
enum KeyStore {
    private static let known = Guarded<[String: [UInt8]]>([:])

    static func withKnownKey(_ plan: CardBuilder.KeyPlan) throws -> CardBuilder.KeyPlan {
        guard let name = plan.algorithm, name.hasPrefix("rsa"), let bits = Int(name.dropFirst(3)) else { return plan }
        var plan = plan
        plan.imported = try known.withLock { known in
            if let key = known[name] { return key }
            let key = try PrivateKey.generate(.rsa(bits: bits)).pkcs8()
            known[name] = key
            return key
        }
        return plan
    }
}

/// The token's clock, which goes on when the test says so.
final class TestClock: Sendable {
    private let time = Guarded(1_000_000)

    var milliseconds: Int { time.withLock { $0 } }

    func advance(milliseconds: Int) { time.withLock { $0 += milliseconds } }
}

/// A PIV token on a simulated card in the same process.
struct SimulatedToken {
    let channel: VirtualCardChannel
    let token: PIVToken
    let clock = TestClock()
    private let written: Guarded<Int>

    /// How often the card has changed what it keeps without power.
    var changes: Int { written.withLock { $0 } }

    static let pin = "123456"
    static let certified: [CardBuilder.KeyPlan] = [
        .init(reference: 0x9A, algorithm: "rsa2048"), .init(reference: 0x9C, algorithm: "p256"),
        .init(reference: 0x9D, algorithm: "rsa2048"), .init(reference: 0x9E, algorithm: "p256"),
    ]

    init(
        _ profile: CardProfile = .yubiKey57, keys: [CardBuilder.KeyPlan] = certified, keyHistory: Bool = false,
        identity: TokenIdentity = .truthful, maximumCommandSize: Int? = nil, isIdentified: Bool = true,
        serialNumber: UInt32 = 1_234_567, prepare: (inout CardBuilder) throws -> Void = { _ in }
    ) throws {
        var builder = try CardBuilder(profile: profile, serialNumber: serialNumber, identified: isIdentified)
        for key in keys { try builder.add(KeyStore.withKnownKey(key)) }
        if keyHistory { builder.addKeyHistory() }
        try prepare(&builder)
        let written = Guarded(0)
        self.written = written
        let card = VirtualCard(state: builder.state) { _ in written.withLock { $0 += 1 } }
        channel = VirtualCardChannel(card: card, maximumCommandSize: maximumCommandSize)
        token = try Self.open(channel, clock, identity)
    }

    private init(_ channel: VirtualCardChannel, _ written: Guarded<Int>) throws {
        self.channel = channel
        self.written = written
        token = try Self.open(channel, clock, .truthful)
    }

    /// A token of another process on the same card.
    func another() throws -> SimulatedToken { try SimulatedToken(channel, written) }

    private static func open(
        _ channel: some CardChannel, _ clock: TestClock, _ identity: TokenIdentity
    ) throws -> PIVToken {
        try #require(try PIVToken.open(Card(channel: channel), identity: identity) { clock.milliseconds })
    }

    /// The commands that `body` costs, by what they are for.
    func commands(_ body: () throws -> Void) rethrows -> [String] {
        channel.clearLog()
        try body()
        return channel.log.map { Self.name($0.command) }
    }

    func login(_ pin: String = pin) throws(TokenError) {
        let bytes = Array(pin.utf8)
        try token.login(pin: bytes.span.bytes)
    }

    /// The management key of a card fresh from the factory, as people type it.
    static let managementKey = "010203040506070801020304050607080102030405060708"

    func loginAdministrator(_ key: String = managementKey) throws(TokenError) {
        let bytes = Array(key.utf8)
        try token.loginAdministrator(secret: bytes.span.bytes)
    }

    func authenticate(_ key: UInt32, _ pin: String = pin) throws(TokenError) -> any UseAuthorization {
        let bytes = Array(pin.utf8)
        return try token.authenticate(pin: bytes.span.bytes, forUseOf: ObjectReference(.privateKey, key))
    }

    func publicKey(_ key: UInt32) throws -> PublicKey {
        try PublicKey(subjectPublicKeyInfo: try token.subjectPublicKeyInfo(of: ObjectReference(.privateKey, key)))
    }

    /// Signs what the key takes: a block for RSA, else 32 bytes of hash.
    func sign(_ key: UInt32, _ authorization: (any UseAuthorization)? = nil) throws -> [UInt8] {
        try token.sign(
            with: ObjectReference(.privateKey, key), input: try Self.input(for: publicKey(key)),
            authorization: authorization)
    }

    /// Whether the signature is right for what `sign` signed.
    func verifies(_ signature: [UInt8], _ key: UInt32) throws -> Bool {
        let publicKey = try publicKey(key)
        let input = Self.input(for: publicKey)
        switch publicKey {
        case .rsa: return try publicKey.rsaPublicOperation(signature) == input
        case .ec(let curve, _):
            return try publicKey.verifyECDSA(ECDSASignature(der: signature, fieldSize: curve.fieldSize), hash: input)
        default: return try publicKey.verifyEdDSA(signature, message: input)
        }
    }

    private static func input(for key: PublicKey) -> [UInt8] {
        switch key {
        case .rsa(let modulus, _):
            [0x00, 0x01] + [UInt8](repeating: 0xFF, count: modulus.count - 35) + [0x00] + (0..<32).map { UInt8($0) }
        case .ec(let curve, _): [UInt8](repeating: 0x5A, count: curve.fieldSize)
        default: Array("a message".utf8)
        }
    }

    private static func name(_ command: [UInt8]) -> String {
        guard let parsed = CommandAPDU(parsing: command) else { return "?" }
        let object = parsed.data.dropFirst(2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
            .joined()
        let chained = parsed.header.cla & CommandHeader.chainingBit != 0 ? " (part)" : ""
        switch parsed.header.ins {
        case 0xA4: return "SELECT"
        case 0xCB: return "GET DATA \(object)"
        case 0x20: return parsed.data.isEmpty ? (parsed.header.p1 == 0xFF ? "VERIFY reset" : "VERIFY status") : "VERIFY"
        case 0x87: return "GENERAL AUTHENTICATE\(chained)"
        case 0xDB: return "PUT DATA\(chained)"
        case 0xC0: return "GET RESPONSE"
        case 0xFD: return "GET VERSION"
        case 0xF8: return "GET SERIAL"
        case 0xF7: return "GET METADATA \(String(parsed.header.p2, radix: 16, uppercase: true))"
        default: return "INS \(String(parsed.header.ins, radix: 16, uppercase: true))"
        }
    }
}

extension PIVToken {
    /// Writes whatever was there before.
    func write(_ value: [UInt8], to object: ObjectReference) throws(TokenError) {
        try write(value, to: object, ifStill: nil)
    }

    /// Puts a certificate into a key's container, as a program does that does not ask whose it is.
    func writeContainer(_ der: [UInt8], of key: PIVKeyReference) throws(TokenError) {
        guard let container = key.certificateContainer else { throw .objectNotFound }
        try write(CertificateContainer.value(for: der), to: ObjectReference(.data, container.rawValue))
    }

    /// Deletes the object that is known to be there.
    func delete(_ object: ObjectReference) throws(TokenError) { try delete(object, ifStill: revision(of: object)) }
}

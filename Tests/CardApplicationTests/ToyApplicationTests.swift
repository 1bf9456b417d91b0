import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// What a third card application costs: this, and the two files beside it.
@Suite struct ToyApplicationTests {
    private let card: ToyCard
    private let session: Session

    init() throws {
        card = try ToyCard()
        let library = Library(source: ToyReader(card))
        session = try library.session(library.openSession(0, flags: CKF_SERIAL_SESSION))
    }

    private func login(_ pin: String) throws {
        let pin = Array(pin.utf8)
        try session.login(userType: CKU_USER, pin: pin.span.bytes)
    }

    private func find(_ kind: UInt) throws -> [UInt] {
        let value = withUnsafeBytes(of: kind) { Array($0) }
        try session.findObjectsInit(template: [Attribute(CKA_CLASS, value)])
        defer { try? session.findObjectsFinal() }
        return try session.findObjects(atMost: 10)
    }

    private func sign(_ key: UInt) throws -> Bool {
        let data = Array("a message".utf8)
        try session.signInit(mechanism: Mechanism(CKM_SHA256_RSA_PKCS), key: key)
        let output = try session.sign(data: data.span.bytes, capacity: 256)
        guard case .bytes(let signature) = output else { return false }
        return try card.publicKey.verifyPKCS1(signature, hash: Digest.sha256.hash(data), digest: .sha256)
    }

    @Test func itsObjectsAreSeenAndItsKeySigns() throws {
        #expect(try find(CKO_CERTIFICATE).count == 1)
        #expect(try find(CKO_PUBLIC_KEY).count == 1)
        #expect(try find(CKO_PRIVATE_KEY).isEmpty)
        #expect(throws: ReturnCode.pinIncorrect) { try login("9999") }
        try login("1234")
        let key = try #require(try find(CKO_PRIVATE_KEY).first)
        #expect(try sign(key))
        #expect(throws: ReturnCode.self) { try session.destroy(object: key) }
    }

    /// The engine brings the login back, and sends the PIN once.
    @Test func itsLoginOutlastsAReset() throws {
        try login("1234")
        let key = try #require(try find(CKO_PRIVATE_KEY).first)
        #expect(try sign(key))
        (card.isReset, card.instructions) = (true, [])
        #expect(try sign(key))
        #expect(card.instructions.first == 0xA4 && card.instructions.count { $0 == 0x20 } == 2)
    }
}

import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// C_SignRecover with the card's key, and C_VerifyRecover on the host.
@Suite struct RecoverTests {
    private let card: CardWithKey

    init() throws { card = try CardWithKey(.rsa(bits: 2048)) }

    private static let data = [UInt8]("what comes back".utf8)

    private func recover(_ mechanism: Mechanism, _ signature: [UInt8], capacity: Int? = 1000) throws -> Output {
        try card.library.verifyRecoverInit(card.session, mechanism: mechanism, key: card.publicKey)
        return try card.library.verifyRecover(card.session, signature: signature.span.bytes, capacity: capacity)
    }

    @Test func dataGoAndComeBack() throws {
        let (library, session) = (card.library, card.session)
        let judge = try OpenSSLJudge(card.token.key)
        try library.signRecoverInit(session, mechanism: Mechanism(CKM_RSA_PKCS), key: card.privateKey)
        #expect(try library.signRecover(session, data: Self.data.span.bytes, capacity: nil) == .length(256))
        #expect(try library.signRecover(session, data: Self.data.span.bytes, capacity: 9) == .tooSmall(256))
        let signature = try library.signRecover(session, data: Self.data.span.bytes, capacity: 256).content
        #expect(try judge.withPublicKey("-verifyrecover", signature, ["rsa_padding_mode:pkcs1"]) == Self.data)
        #expect(try recover(Mechanism(CKM_RSA_PKCS), signature).content == Self.data)
        let raw = try recover(Mechanism(CKM_RSA_X_509), signature).content
        #expect(raw.starts(with: [0, 1, 0xFF]) && raw.suffix(Self.data.count) == Self.data[...] && raw.count == 256)
        try library.signRecoverInit(session, mechanism: Mechanism(CKM_RSA_X_509), key: card.privateKey)
        #expect(try library.signRecover(session, data: raw.span.bytes, capacity: 256).content == signature)
    }

    @Test func aShortBufferLeavesTheOperation() throws {
        let signature = try card.sign(Mechanism(CKM_RSA_PKCS), Self.data)
        #expect(try recover(Mechanism(CKM_RSA_PKCS), signature, capacity: 3) == .tooSmall(Self.data.count))
        #expect(throws: ReturnCode.operationActive) { try recover(Mechanism(CKM_RSA_PKCS), signature) }
        let answer = try card.library.verifyRecover(card.session, signature: signature.span.bytes, capacity: 100)
        #expect(answer == .bytes(Self.data))
    }

    /// Blocks whose signature is none.
    @Test(
        arguments: [
            [0, 2] + [UInt8](repeating: 0xFF, count: 253) + [0], [1, 1] + [UInt8](repeating: 0xFF, count: 253) + [0],
            [0, 1] + [UInt8](repeating: 0xFF, count: 7) + [UInt8](repeating: 0, count: 247),
            [0, 1] + [UInt8](repeating: 0xFF, count: 8) + [1] + [UInt8](repeating: 0, count: 245),
            [0, 1] + [UInt8](repeating: 0xFF, count: 254),
        ])
    func wrongSignatures(_ block: [UInt8]) throws {
        let signature = try card.token.key.rsaPrivateOperation(block)
        #expect(throws: ReturnCode.signatureInvalid) { try recover(Mechanism(CKM_RSA_PKCS), signature) }
    }

    @Test func whatCannotBeRecovered() throws {
        let signature = [UInt8](repeating: 0xFF, count: 256)
        #expect(throws: ReturnCode.signatureInvalid) { try recover(Mechanism(CKM_RSA_X_509), signature) }
        #expect(throws: ReturnCode.signatureLengthRange) { try recover(Mechanism(CKM_RSA_PKCS), [1]) }
        for mechanism in [Mechanism(CKM_SHA256_RSA_PKCS), Mechanism(CKM_ECDSA), Mechanism(CKM_SHA256_HMAC)] {
            #expect(throws: ReturnCode.mechanismInvalid) { try recover(mechanism, signature) }
            #expect(throws: ReturnCode.mechanismInvalid) {
                try card.library.signRecoverInit(card.session, mechanism: mechanism, key: card.privateKey)
            }
        }
    }
}

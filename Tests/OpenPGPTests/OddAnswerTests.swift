import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// What a card says beside the point does not hide what it has said to the point.
@Suite("Odd answers beside the use of an OpenPGP key") struct OddAnswerTests {
    private func place(_ number: UInt32) -> ObjectReference { ObjectReference(.privateKey, number) }

    /// A touch that did not come, on a card that does not tell whether a password is verified.
    @Test(arguments: [[0x6A, 0x86], [0x6D, 0x00], [0x67, 0x00]] as [[UInt8]])
    func aMissingTouchIsToldByTheKey(_ status: [UInt8]) throws {
        let card = ScriptedCard()
        let token = try card.token(RelatedData(interaction: ["0020", "0020", "0120"]))
        card.expect(KnownKeys.reading[2], .select, .verify("82"))
        _ = try token.subjectPublicKeyInfo(of: place(3))
        try token.login("123456")
        card.expect(
            .authenticate([0x72], "6985"), Step("00200082", hex(status)),
            .related(RelatedData(interaction: ["0020", "0020", "0120"])))
        #expect(throws: TokenError.userActionMissing) {
            _ = try token.sign(with: place(3), input: [0x72], authorization: nil)
        }
        #expect(card.left.isEmpty)
    }

    /// The role of a key is put back with a command that the card refuses: the result is there all the same, once.
    @Test func aResultIsKeptWhateverComesAfterIt() throws {
        let card = try BentOpenPGPCard(keys: [("sig", "p256"), ("dec", "rsa2048")])
        let token = try card.open()
        let publicKey = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: place(2)))
        guard case .rsa(let modulus, _) = publicKey else { throw HostCryptoError.malformed }
        try token.login("123456")
        var count = 0
        card.bend = { command in
            guard command[1] == 0x22 else { return nil }
            count += 1
            return count == 2 ? [0x6F, 0x00] : nil
        }
        let info = bytes("3031300D060960864801650304020105000420") + KnownKeys.p256Hash
        let signature = try token.sign(with: place(2), input: info, authorization: nil)
        #expect(signature.count == modulus.count)
        #expect(card.sent.count { $0[1] == 0x88 } == 1)
    }

    /// The card refuses to take the first verified state back, as for signatures; the others are taken back.
    @Test(arguments: [[0x6A, 0x86], [0x6D, 0x00], [0x69, 0x82]] as [[UInt8]])
    func aLogoutTakesBackWhatItCan(_ status: [UInt8]) throws {
        let card = try BentOpenPGPCard()
        card.channel.card.setSignaturesPerPIN(1)
        let token = try card.open()
        try token.login("123456")
        _ = try token.sign(with: place(1), input: KnownKeys.p256Hash, authorization: nil)
        card.bend = { $0[1...3] == [0x20, 0xFF, 0x81] ? status : nil }
        card.clearSent()
        token.logout()
        #expect(card.sent.contains { $0[1...3] == [0x20, 0xFF, 0x82] })
        #expect(card.channel.card.process([0x00, 0x20, 0x00, 0x82]) != [0x90, 0x00])
    }
}

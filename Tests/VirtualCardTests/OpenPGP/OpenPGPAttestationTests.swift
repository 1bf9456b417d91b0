import HostCrypto
import ISO7816
import Testing

@testable import VirtualCard

/// Yubico, "OpenPGP Attestation"; judged by openssl.
@Suite("OpenPGP: attestation") struct OpenPGPAttestationTests {
    /// GENERATE ATTESTATION.
    private func attest(_ card: VirtualCard, _ slot: OpenPGPKeySlot, cla: UInt8 = 0x80) -> StatusWord {
        let answer = card.process([cla, 0xFB, slot.rawValue, 0x00])
        return StatusWord(rawValue: UInt16(answer[answer.count - 2]) << 8 | UInt16(answer[answer.count - 1]))
    }

    private func certificate(_ card: VirtualCard, _ slot: OpenPGPKeySlot) throws -> [UInt8] {
        #expect(try card.send(0xA5, 3 - slot.rawValue, 0x04, [0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21]).status == .success)
        return try card.getData(0x7F21).data
    }

    @Test(arguments: OpenPGPKeySlot.allCases) func opensslBelievesIt(_ slot: OpenPGPKeySlot) throws {
        let card = try VirtualCard.openPGP(.yubiKey57Both)
        try card.verify(.administrator)
        #expect(
            try card.putData(slot.tag(first: 0xC1), AlgorithmAttributes(.p256, in: slot, exponentBits: 17).bytes)
                == .success)
        #expect(try card.generate(slot).status == .success)
        #expect(attest(card, slot) == .securityStatusNotSatisfied)
        try card.verify(.signature)
        #expect(attest(card, slot) == .success)
        let files = ["statement.der": try certificate(card, slot), "authority.der": try card.getData(0xFC).data]
        let command = """
            openssl x509 -inform DER -in authority.der -out a.pem && openssl x509 -inform DER -in statement.der -out s.pem \
            && openssl verify -partial_chain -CAfile a.pem s.pem && openssl x509 -in s.pem -noout -text
            """
        let judged = try Outside.run(["sh", "-c", command], files: files)
        let text = String(decoding: judged.output, as: UTF8.self)
        #expect(judged.status == 0 && text.contains("s.pem: OK"), "\(text)")
        for number in [1, 2, 3, 4, 5, 7, 8, 9] + (slot == .signature ? [6] : []) {
            #expect(text.contains("1.3.6.1.4.1.41482.5.\(number): "), "\(text)")
        }
    }

    @Test func whatIsRefused() throws {
        let card = try VirtualCard.openPGP(.yubiKey57Both)
        try card.verify(.signature)
        // No key there, and none that was imported.
        #expect(attest(card, .signature) == .conditionsOfUseNotSatisfied)
        let info = try PrivateKey.generate(.ec(.p256)).pkcs8()
        let other = try VirtualCard.openPGP(.yubiKey57Both, keys: [.init(slot: "aut", imported: info)])
        try other.verify(.signature)
        #expect(attest(other, .authentication) == .conditionsOfUseNotSatisfied)
        #expect(attest(card, .signature, cla: 0x00) == .instructionNotSupported)
        #expect(attest(try VirtualCard.openPGP(), .signature) == .classNotSupported)
    }
}

import ISO7816
import Testing

@testable import VirtualCard

extension Say {
    static let selectOpenPGP = "00A4040006D27600012401"
    static let signaturePIN = "0020008106313233343536"
    static let userPIN = "0020008206313233343536"
    static let administratorPIN = "00200083083132333435363738"
    static let wrongUserPIN = "0020008206393939393939"
    static let wrongAdministratorPIN = "00200083083939393939393939"
}

extension VirtualCard {
    /// A new card with OpenPGP, the application selected.
    static func openPGP(_ profile: CardProfile = .openPGP34, keys: [CardBuilder.OpenPGPKeyPlan] = []) throws
        -> VirtualCard
    {
        var builder = try CardBuilder(profile: profile, serialNumber: 12_345_678)
        for key in keys { try builder.add(key) }
        let card = VirtualCard(state: builder.state)
        try card.selectOpenPGP()
        return card
    }

    func selectOpenPGP() throws {
        #expect(try send(0xA4, 0x04, 0x00, [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01], ne: 256).status == .success)
    }

    /// VERIFY for 81, 82 or 83 with the passwords of a new card.
    func verify(_ references: PasswordReference...) throws {
        for reference in references {
            let password = reference == .administrator ? "12345678" : "123456"
            #expect(try send(0x20, 0x00, reference.rawValue, Array(password.utf8), ne: 0).status == .success)
        }
    }

    func getData(_ tag: UInt16) throws -> ResponseAPDU { try send(0xCA, UInt8(tag >> 8), UInt8(tag & 0xFF)) }

    func putData(_ tag: UInt16, _ value: [UInt8]) throws -> StatusWord {
        try send(0xDA, UInt8(tag >> 8), UInt8(tag & 0xFF), value, ne: 0).status
    }

    /// The tries left, as DO C4 tells them: PW1, resetting code, PW3.
    func triesLeft() throws -> [UInt8] { Array(try getData(0xC4).data.suffix(3)) }
}

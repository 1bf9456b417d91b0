import ISO7816
import Testing

@testable import VirtualCard

@Suite("Data objects")
struct ObjectTests {
    static let scripts = [
        Script(
            "GET DATA",
            [
                (Say.select, Say.selected),
                ("00CB3FFF035C017E", "7E124F0BA0000003080000100001005F2F0240009000"),
                ("00CB3FFF055C035FC105", "6A82"), ("00CB3FFF045C027F61", "6A82"),
                ("00CB3FFF055C035FC109", "6A82"),
                ("00CB3F00035C017E", "6A86"), ("00CB3FFF", "6A80"), ("00CB3FFF035D017E", "6A80"),
                ("00CB3FFF025C00", "6A80"), ("00CB3FFF065C045FC10500", "6A80"),
                ("00CB3FFF035C027E", "6A80"),
            ]),
        Script(
            "PUT DATA needs the management key",
            [
                (Say.select, Say.selected), (Say.verify, "9000"), ("00DB3FFF095C035FC10253023E00", "6982"),
            ]),
    ]

    @Test(arguments: scripts)
    func dialogue(_ script: Script) throws { try script.play() }

    @Test(arguments: [CardProfile.yubiKey57, .yubiKeyShort, .plain])
    func writtenAndRead(_ profile: CardProfile) throws {
        let card = VirtualCard(state: CardState(profile: profile, serialNumber: 1))
        try card.selectPIV()
        try card.authenticateAdministrator()
        let certificate: [UInt8] = [0x5C, 0x03, 0x5F, 0xC1, 0x05]
        for size in [1, 200, 1000, 2500] {
            let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7) }
            #expect(
                try card.send(0xDB, 0x3F, 0xFF, certificate + [UInt8](tag: 0x53, content)).status
                    == .success)
            let read = try card.send(0xCB, 0x3F, 0xFF, certificate)
            #expect(read == ResponseAPDU(data: [UInt8](tag: 0x53, content), status: .success))
        }
        #expect(try card.send(0xDB, 0x3F, 0xFF, certificate + [0x53, 0x00]).status == .success)
        #expect(try card.send(0xCB, 0x3F, 0xFF, certificate).status == .notFound)
    }

    @Test(arguments: [0x03, 0x08, 0x09, 0x21] as [UInt8])
    func privateObjectsWantThePIN(_ last: UInt8) throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        try card.authenticateAdministrator()
        let tag: [UInt8] = [0x5C, 0x03, 0x5F, 0xC1, last]
        #expect(try card.send(0xDB, 0x3F, 0xFF, tag + [0x53, 0x01, 0xAA]).status == .success)
        #expect(try card.send(0xCB, 0x3F, 0xFF, tag).status == .securityStatusNotSatisfied)
        try card.verifyPIN()
        #expect(try card.send(0xCB, 0x3F, 0xFF, tag).data == [0x53, 0x01, 0xAA])
    }

    @Test func tagsThatACardKeeps() throws {
        let cases: [(CardProfile, [UInt8], StatusWord)] = [
            (.yubiKey57, [0x5F, 0xFF, 0x00], .success), (.yubiKey57, [0x5F, 0x12, 0x34], .success),
            (.yubiKey57, [0x60, 0x00, 0x00], .notFound), (.plain, [0x5F, 0xC1, 0x0D], .success),
            (.plain, [0x5F, 0xFF, 0x00], .notFound), (.plain, [0x5F, 0xC1, 0x24], .notFound),
        ]
        for (profile, tag, status) in cases {
            let card = VirtualCard(state: CardState(profile: profile, serialNumber: 1))
            try card.selectPIV()
            try card.authenticateAdministrator()
            let data = [UInt8](tag: 0x5C, tag) + [0x53, 0x01, 0x00]
            #expect(try card.send(0xDB, 0x3F, 0xFF, data).status == status, "\(profile.name) \(tag)")
        }
    }
}

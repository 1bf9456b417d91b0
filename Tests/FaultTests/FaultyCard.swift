import FaultFlows
import HostCrypto
import VirtualCard

/// The card of the sweeps: PIV and OpenPGP, the same keys each time.
enum FaultyCard {
    private static let rsa = Result { try PrivateKey.generate(.rsa(bits: 2048)) }
    private static let p256 = Result { try PrivateKey.generate(.ec(.p256)) }
    private static let made = Result { () -> CardState in
        var builder = try CardBuilder(profile: .yubiKey57Both, serialNumber: 1)
        for (reference, key) in [(0x9A, rsa), (0x9C, p256), (0x9D, p256)] as [(UInt8, Result<PrivateKey, any Error>)] {
            try builder.add(.init(reference: reference, imported: key.get().pkcs8()))
        }
        for slot in ["sig", "aut"] { try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: "ed25519")) }
        return builder.state
    }

    /// The card as it comes.
    static func state() throws -> CardState { try made.get() }

    /// Another card of the same kind, which has the same PINs and other keys.
    private static let other = Result { () -> CardState in
        var builder = try CardBuilder(profile: .yubiKey57Both, serialNumber: 2)
        for (reference, algorithm) in [(0x9A, "rsa2048"), (0x9C, "p256"), (0x9D, "p256")] as [(UInt8, String)] {
            try builder.add(.init(reference: reference, algorithm: algorithm))
        }
        for slot in ["sig", "aut"] { try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: "ed25519")) }
        return builder.state
    }

    /// The other card, powered.
    static func twin() throws -> VirtualCard {
        let card = try VirtualCard(state: other.get())
        card.reset()
        return card
    }

    /// What a program knows of it.
    static func keys() throws -> CardKeys {
        CardKeys(rsa: try rsa.get().publicKey, agreement: try p256.get().publicKey)
    }

    /// What PIV's PIN is, as a user finds out who was interrupted while changing it.
    static func currentPIN(_ card: VirtualCard) -> String {
        card.reset()
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05] + pivIdentifier)
        defer { card.reset() }
        return [CardKeys.pin, CardKeys.otherPIN(than: CardKeys.pin)].first {
            card.process([0x00, 0x20, 0x00, 0x80, 0x08] + Array($0.utf8) + [0xFF, 0xFF]) == [0x90, 0x00]
        } ?? ""
    }

    /// How many tries its PINs have, PIV's first.
    static func tries(_ card: VirtualCard) -> [UInt8] {
        card.reset()
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05] + pivIdentifier)
        let piv = card.process([0x00, 0x20, 0x00, 0x80])
        _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x06] + openPGPIdentifier)
        let openPGP = card.process([0x00, 0x20, 0x00, 0x82])
        card.reset()
        // 6983: blocked; else 63CX.
        return [piv, openPGP].map { $0 == [0x69, 0x83] ? 0 : $0[1] & 0x0F }
    }

    static let pivIdentifier: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08]
    static let openPGPIdentifier: [UInt8] = [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01]
}

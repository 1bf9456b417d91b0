import Cryptoki
import HostCrypto
import ISO7816
import Keys
import Testing
import Token

@testable import VirtualCard

/// What can destroy what: each deed, done wrongly or refused by the card, and all that it may take away. Everything else on
/// the card stays as it was, byte for byte.
@Suite("What can destroy what") struct DestructionTests {
    /// What a deed may cost.
    enum Loss: Hashable {
        /// One try of a PIN or code.
        case pinTry, codeTry, administratorTry
    }

    struct Deed: Sendable, CustomTestStringConvertible {
        let name: String
        var profiles = ["yubikey57", "plain-piv", "openpgp34"]
        var quirks: [String] = []
        /// How often the PIN is given wrongly before.
        var wrongPINs = 0
        let loss: Set<Loss>
        /// What the card holds before.
        var prepare: @Sendable (inout CardState) -> Void = { _ in }
        /// Whether the deed fails.
        var isRefused = true
        /// What may be another thing after it, by its name.
        var changed: Set<String> = []
        let act: @Sendable (any Token, CardRow) throws -> Void

        var testDescription: String { name }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func administrate(_ token: any Token, _ row: CardRow) throws {
        let secret = text(row.administratorSecret)
        try token.loginAdministrator(secret: secret.span.bytes)
    }

    /// What a new key in the first place changes.
    private static let newKey: Set<String> = [
        "key \(KeyReference.authentication)", "slot \(OpenPGPKeySlot.signature)",
        "fingerprint \(OpenPGPKeySlot.signature)",
    ]

    @Sendable private static func repair(_ token: any Token, _ row: CardRow) throws {
        try administrate(token, row)
        _ = try token.unfinishedChanges()
        try token.finishChanges()
    }

    @Sendable private static func setResettingCode(_ state: inout CardState) {
        state.openPGP?.resettingCode = ReferenceData(value: text("87654321"), tries: 3)
    }

    /// Certificates of keys whose algorithm nobody knows.
    @Sendable private static func makeIncomparable(_ state: inout CardState) {
        func changed(_ bytes: [UInt8]) -> [UInt8] {
            // id-ecPublicKey, 1.2.840.10045.2.1.
            let known: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
            var bytes = bytes
            for start in bytes.indices.dropLast(known.count) where bytes[start...].starts(with: known) {
                bytes[start + known.count - 1] = 0x7F
            }
            return bytes
        }
        for tag in [0x5FC105, 0x5FC10A] as [UInt32] { state.objects[tag] = state.objects[tag].map(changed) }
        for slot in state.openPGP?.slots.keys.map({ $0 }) ?? [] {
            let certificate = state.openPGP?.slots[slot]?.certificate ?? []
            state.openPGP?.slots[slot]?.certificate = changed(certificate)
        }
    }

    /// Something else in the place of a certificate.
    @Sendable private static func makeUnreadable(_ state: inout CardState) {
        let other = [UInt8](1...64)
        for tag in [0x5FC105, 0x5FC10A] as [UInt32] where state.objects[tag] != nil {
            state.objects[tag] = BER.object(0x70, other) + [0x71, 0x01, 0x00, 0xFE, 0x00]
        }
        for slot in state.openPGP?.slots.keys.map({ $0 }) ?? [] { state.openPGP?.slots[slot]?.certificate = other }
    }

    /// SELECT DATA is answered and does nothing.
    private static let noChoice = Quirk(
        "no-choice", "SELECT DATA answers 9000, and there is one certificate", source: "a trial",
        .command { situation, command in
            situation.openPGP != nil && command.header.ins == 0xA5 ? ResponseAPDU(status: .success) : nil
        })

    private static let noMove = Quirk(
        "no-move", "MOVE KEY answers 6A80", source: "a trial",
        .command { _, command in
            command.header.ins == 0xF6 ? ResponseAPDU(status: StatusWord(rawValue: 0x6A80)) : nil
        })

    private static let noReset = Quirk(
        "no-reset", "RESET answers 6D00", source: "a trial",
        .command { _, command in
            command.header.ins == 0xFB ? ResponseAPDU(status: StatusWord(rawValue: 0x6D00)) : nil
        })

    static let deeds: [Deed] = [
        Deed(name: "a login with a wrong PIN", loss: [.pinTry]) { token, _ in
            let pin = text("999999")
            try token.login(pin: pin.span.bytes)
        },
        Deed(name: "a change of the PIN by a wrong one", loss: [.pinTry]) { token, _ in
            let (old, new) = (text("999999"), text("222222"))
            try token.changePIN(from: old.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a change to a PIN that the card finds too simple", profiles: ["yubikey57"],
            quirks: ["pin-complexity"],
            loss: []
        ) { token, _ in
            let (old, new) = (text("123456"), text("111111"))
            try token.changePIN(from: old.span.bytes, to: new.span.bytes)
        },
        Deed(name: "a wrong code to unblock the PIN", profiles: ["yubikey57", "plain-piv"], loss: [.codeTry]) {
            token, _ in
            let (code, new) = (text("99999999"), text("222222"))
            try token.unblockPIN(with: code.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a change of a blocked PIN", profiles: ["yubikey57", "plain-piv"], wrongPINs: 3, loss: []
        ) { token, _ in
            let (old, new) = (text("123456"), text("222222"))
            try token.changeOrUnblockPIN(from: old.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a PIN in the place of the management key", profiles: ["yubikey57", "plain-piv"], loss: []
        ) { token, _ in
            let secret = text("123456")
            try token.proveAdministrator(secret: secret.span.bytes)
        },
        Deed(name: "a wrong management key", profiles: ["yubikey57", "plain-piv"], loss: []) { token, _ in
            let secret = text(String(repeating: "A5", count: 24))
            try token.loginAdministrator(secret: secret.span.bytes)
        },
        Deed(name: "a wrong PW3", profiles: ["openpgp34"], loss: [.administratorTry]) { token, _ in
            let secret = text("99999999")
            try token.loginAdministrator(secret: secret.span.bytes)
        },
        Deed(
            name: "a key pair that the card refuses to make", profiles: ["yubikey57", "plain-piv"],
            quirks: ["generate-6d00"], loss: []
        ) { token, row in
            try administrate(token, row)
            _ = try token.generateKeyPair(.ec(.p256), at: row.place, KeyRequest())
        },
        Deed(
            name: "a key of an algorithm that the card refuses", profiles: ["yubikey57", "plain-piv"],
            quirks: ["no-p384"],
            loss: []
        ) { token, row in
            try administrate(token, row)
            _ = try token.generateKeyPair(.ec(.p384), at: row.place, KeyRequest())
        },
        Deed(
            name: "a key that the card refuses to take", profiles: ["openpgp34"], quirks: ["import-refused"], loss: []
        ) { token, row in
            try administrate(token, row)
            let info = try PrivateKey.generate(.ec(.p256)).pkcs8()
            try token.importPrivateKey(info.span.bytes, at: row.place, KeyRequest())
        },
        Deed(name: "another key's certificate", profiles: ["yubikey57"], loss: []) { token, row in
            let der = try token.value(of: ObjectReference(.certificate, 0x9C))
            try administrate(token, row)
            try token.write(der, to: ObjectReference(.certificate, 0x9A), ifStill: nil)
        },
        Deed(name: "a wrong resetting code", profiles: ["openpgp34"], loss: [.codeTry], prepare: setResettingCode) {
            token, _ in
            let (code, new) = (text("99999999"), text("222222"))
            try token.unblockPIN(with: code.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a wrong code in the place of a blocked PIN", profiles: ["openpgp34"], wrongPINs: 3, loss: [.codeTry],
            prepare: setResettingCode
        ) { token, _ in
            let (code, new) = (text("99999999"), text("222222"))
            try token.changeOrUnblockPIN(from: code.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a code where there is none", profiles: ["openpgp34"], loss: []
        ) { token, _ in
            let (code, new) = (text("99999999"), text("222222"))
            try token.unblockPIN(with: code.span.bytes, to: new.span.bytes)
        },
        Deed(
            name: "a repair beside certificates that cannot be compared", loss: [], prepare: makeIncomparable,
            isRefused: false, act: repair),
        Deed(
            name: "a repair beside certificates that cannot be read", loss: [], prepare: makeUnreadable,
            isRefused: false, act: repair),
        Deed(
            name: "a repair of certificates in another key's place", profiles: ["yubikey57"], loss: [],
            prepare: { $0.objects[0x5FC105] = $0.objects[0x5FC10A] }, isRefused: false,
            changed: ["object \(0x5FC105)"], act: repair),
        Deed(
            name: "a new key beside a certificate that cannot be compared", profiles: ["yubikey57", "openpgp34"],
            loss: [],
            prepare: makeIncomparable, isRefused: false, changed: newKey
        ) { token, row in
            try administrate(token, row)
            _ = try token.generateKeyPair(.ec(.p256), at: row.place, KeyRequest())
        },
        Deed(
            name: "a new key beside a certificate that cannot be read", loss: [], prepare: makeUnreadable,
            isRefused: false, changed: newKey
        ) { token, row in
            try administrate(token, row)
            _ = try token.generateKeyPair(.ec(.p256), at: row.place, KeyRequest())
        },
        Deed(
            name: "a certificate for a card that has one place for all", profiles: ["openpgp34"], loss: [],
            prepare: { $0.quirks.append(noChoice) }
        ) { token, row in
            let der = try token.value(of: ObjectReference(.certificate, 3))
            try administrate(token, row)
            try token.write(der, to: ObjectReference(.certificate, 2), ifStill: nil)
        },
        Deed(
            name: "a move that the card refuses", profiles: ["yubikey57"], loss: [],
            prepare: { $0.quirks.append(noMove) }
        ) { token, row in
            try administrate(token, row)
            try token.moveKey(from: row.place, to: ObjectReference(.privateKey, 0x9D))
        },
        Deed(
            name: "a reset that the card refuses", profiles: ["yubikey-bio", "plain-piv", "idemia-contactless"],
            loss: []
        ) { token, _ in try token.reset() },
        Deed(
            name: "a reset that the card has no command for", profiles: ["yubikey57"], loss: [],
            prepare: { $0.quirks.append(noReset) }
        ) { token, _ in try token.reset() },
        Deed(name: "a reset that would destroy the card", profiles: ["gnuk"], quirks: ["no-life-cycle"], loss: []) {
            token, _ in try token.reset()
        },
    ]

    @Test("Nothing but that", arguments: deeds) func deed(_ deed: Deed) throws {
        for name in deed.profiles {
            let profile = try #require(CardProfile(named: name))
            let row = CardRow(profile: profile, quirk: nil)
            var state = try CardRow.card(profile, nil)
            state.quirks += try deed.quirks.map { try #require(Quirk(named: $0)) }
            deed.prepare(&state)
            let reader = QuietReader(state)
            try reader.elsewhere { tokens in
                let token = try #require(tokens.first)
                let wrong = Self.text("999999")
                for _ in 0..<deed.wrongPINs { try? token.login(pin: wrong.span.bytes) }
                let before = Kept(reader.kept.withLock { $0 })
                if deed.isRefused {
                    #expect(throws: TokenError.self, "\(name)") { try deed.act(token, row) }
                } else {
                    #expect(throws: Never.self, "\(name)") { try deed.act(token, row) }
                }
                let after = Kept(reader.kept.withLock { $0 })
                let names = Set(before.things.keys).union(after.things.keys)
                let other = names.filter { before.things[$0] != after.things[$0] && !deed.changed.contains($0) }
                #expect(other.isEmpty, "\(name)")
                #expect(Set(Kept.losses(before, after)) == deed.loss, "\(name)")
            }
        }
    }

    /// What a card holds.
    private struct Kept {
        let things: [String: [UInt8]]
        let tries: [Loss: Int]

        init(_ state: CardState) {
            var things: [String: [UInt8]] = [:]
            for (reference, key) in state.keys { things["key \(reference)"] = try? key.key.pkcs8() }
            // What a new card lacks is made before a key, and changes nothing.
            for (tag, value) in state.objects where ![0x5FC102, 0x5FC107].contains(tag) {
                things["object \(tag)"] = value
            }
            things["PIN"] = state.applicationPIN.value
            things["PUK"] = state.unblockingKey.value
            things["9B"] = state.managementKey.value
            tries = [
                .pinTry: state.applicationPIN.triesLeft + (state.openPGP?.userPassword.triesLeft ?? 0),
                .codeTry: state.unblockingKey.triesLeft + (state.openPGP?.resettingCode.triesLeft ?? 0),
                .administratorTry: state.openPGP?.administratorPassword.triesLeft ?? 0,
            ]
            if let openPGP = state.openPGP {
                things["PW1"] = openPGP.userPassword.value
                things["PW3"] = openPGP.administratorPassword.value
                for (slot, held) in openPGP.slots {
                    things["slot \(slot)"] = try? held.key?.pkcs8()
                    things["certificate \(slot)"] = held.certificate
                    things["fingerprint \(slot)"] = held.fingerprint
                }
                for (tag, value) in openPGP.objects { things["DO \(tag)"] = value }
            }
            self.things = things
        }

        static func losses(_ before: Kept, _ after: Kept) -> [Loss] {
            before.tries.filter { $0.value > after.tries[$0.key] ?? 0 }.map(\.key)
        }
    }
}

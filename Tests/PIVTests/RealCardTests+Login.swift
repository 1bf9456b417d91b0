import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// Logins and uses of keys on cards as they are.
extension RealCardTests {

    /// 6985 asks for a touch only where the key has touch.
    @Test(arguments: [KeyPolicy.PINPolicy.never, .once])
    func aRefusalWithoutTouchIsNoMissingTouch(_ pin: KeyPolicy.PINPolicy) throws {
        let bent = try Bent(
            keys: [.init(reference: 0x9E, algorithm: "p256", pinPolicy: pin == .never ? .never : .once)]
        ) { (command) throws(ChannelError) in command[1] == 0x87 ? [0x69, 0x85] : nil }
        try bent.login()
        #expect {
            try bent.sign(0x9E)
        } throws: { error in
            error as? TokenError != .userActionMissing
        }
    }

    /// CAC: the Global PIN alone and no Discovery Object. VERIFY 80 costs no try there, and 00 is then the PIN.
    @Test(arguments: [0x6A86, 0x6A88] as [UInt16])
    func theGlobalPINIsTriedWhereTheOtherDoesNotExist(_ status: UInt16) throws {
        let refusal = [UInt8(status >> 8), UInt8(status & 0xFF)]
        let bent = try Bent(.plainGlobal, keys: Self.p256) { (command) throws(ChannelError) in
            if Self.isGetData(of: [0x7E], command) { return [0x6A, 0x82] }
            return command[1] == 0x20 && command[3] == 0x80 ? refusal : nil
        }
        try bent.login("654321")
        #expect(bent.card.sent.count { $0[1] == 0x20 && $0.count > 6 && $0[3] == 0x00 } == 1)
    }

    /// An EC key in 9D signs where its certificate says so, or the card does it.
    @Test func anECKeyForKeyManagementSigns() throws {
        let bent = try Bent(.plain, keys: [.init(reference: 0x9D, algorithm: "p256")])
        try bent.login()
        #expect(try bent.token.usage(of: ObjectReference(.privateKey, 0x9D)).contains(.sign))
        #expect(try bent.signsRight(0x9D))
    }

    /// A key whose policy is "never" needs no login, wherever it lies.
    @Test(arguments: [0x9A, 0x9C, 0x9D, 0x82] as [UInt32])
    func aKeyWithoutPINIsUsedWithoutLogin(_ key: UInt32) throws {
        let bent = try Bent(keys: [.init(reference: UInt8(key), algorithm: "p256", pinPolicy: .never)])
        #expect(try bent.signsRight(key))
        let reference = ObjectReference(.privateKey, key)
        #expect(try bent.token.present(among: [reference], areNamed: true) == [reference])
        #expect(try bent.token.policy(of: reference).pin == .never)
    }

    /// A contactless card: whatever it answers to VERIFY, the message says where the fault lies.
    @Test(arguments: [[0x69, 0x82], [0x6A, 0x81], [0x69, 0x85], [0x69, 0x84]] as [[UInt8]])
    func aCardThatTakesNoPINHereSaysSo(_ status: [UInt8]) throws {
        let bent = try Bent { (command) throws(ChannelError) in
            command[1] == 0x20 && command.count > 6 ? status : nil
        }
        #expect {
            try bent.login()
        } throws: { error in
            guard case .failed(let text)? = error as? TokenError else { return false }
            return text.contains("over this reader")
        }
    }

    /// A reader that only claims to have keys (OMNIKEY 3x21, QEMU's): the PIN is asked for as without them.
    @Test func aPadThatRefusesIsNoPad() throws {
        let simulated = try SimulatedToken()
        let pad = simulated.channel.addPINPad()
        // Nothing to type makes the pad refuse the entry.
        pad.acts = [.types([])]
        let keys = try #require(try simulated.token.pinPad())
        #expect(throws: TokenError.pinMissing) { try keys.login() }
        #expect(try simulated.token.pinPad() == nil)
        try simulated.login()
    }

    /// C_SetPIN without a login where the PIN is blocked: what is no PUK costs the PUK nothing, and its last try is kept.
    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func aBlockedPINLeavesThePUKAlone(_ profile: CardProfile) throws {
        let bent = try Bent(profile)
        for _ in 0..<3 { try? bent.login("999999") }
        func change(_ old: String) throws(TokenError) {
            let (old, new) = (Array(old.utf8), Array("222222".utf8))
            try bent.token.changeOrUnblockPIN(from: old.span.bytes, to: new.span.bytes)
        }
        #expect(throws: TokenError.pinBlocked) { try change("123456") }
        #expect(!bent.card.sent.contains { $0[1] == 0x2C })
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try change("87654321") }
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 1)) { try change("87654321") }
        #expect(throws: TokenError.pinBlocked) { try change("12345678") }
        #expect(bent.card.sent.count { $0[1] == 0x2C } == 2)
    }

    /// What is meant for a management key never goes to the PUK.
    @Test func aManagementKeyIsNoPUK() throws {
        let bent = try Bent()
        let sent = bent.card.sent.count
        for text in ["123456", "1234567", "12345678"] {
            let secret = Array(text.utf8)
            #expect(throws: TokenError.pinLengthOutOfRange) {
                try bent.token.proveAdministrator(secret: secret.span.bytes)
            }
        }
        #expect(bent.card.sent.count == sent)
        let key = Array(SimulatedToken.managementKey.utf8)
        try bent.token.proveAdministrator(secret: key.span.bytes)
    }

    /// Where the PIN is blocked that is what is told, however long the old value is.
    @Test(arguments: ["12345", "123456789"]) func aBlockedPINIsToldAsThat(_ old: String) throws {
        let bent = try Bent()
        let (old, new) = (Array(old.utf8), Array("222222".utf8))
        func change() throws(TokenError) {
            try bent.token.changeOrUnblockPIN(from: old.span.bytes, to: new.span.bytes)
        }
        #expect(throws: TokenError.pinLengthOutOfRange) { try change() }
        for _ in 0..<3 { try? bent.login("999999") }
        #expect(throws: TokenError.pinBlocked) { try change() }
        #expect(!bent.card.sent.contains { $0[1] == 0x2C || $0[1] == 0x24 })
    }
}

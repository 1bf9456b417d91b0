import CPKCS11
import Cryptoki
import FaultFlows
import Testing
import VirtualCard

/// What a kept PIN costs whatever another program does to the card's PINs at whatever command: one try at most, where the
/// PIN was changed; none where there are tries missing already; and none of the other application's. Three tries are spent by
/// three actions of the user and by nothing else.
@Suite struct KeptPINTests {
    /// One process that is logged in to both applications.
    private struct User {
        let reader: FaultyReader
        let library: Library
        let sessions: [UInt]
        private(set) var keys: [UInt] = []

        init() throws {
            reader = FaultyReader(try VirtualCard(state: FaultyCard.state()), other: FaultyCard.openPGPIdentifier)
            library = Library(source: reader, clock: { [reader] in reader.now() })
            _ = library.slotList(withToken: true, isAskedAnew: true)
            let library = library
            sessions = try [0, 1].map { try library.openSession($0, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION) }
            let pin = Array(CardKeys.pin.utf8)
            for session in sessions { try library.session(session).login(userType: CKU_USER, pin: pin.span.bytes) }
            // 9A, 9C; SIG, AUT.
            for (session, id) in [(0, 1), (0, 2), (1, 1), (1, 3)] as [(Int, UInt8)] {
                keys.append(try key(sessions[session], id))
            }
        }

        private func key(_ session: UInt, _ id: UInt8) throws -> UInt {
            let objectClass = withUnsafeBytes(of: CKO_PRIVATE_KEY) { Array($0) }
            try library.session(session).findObjectsInit(template: [
                Attribute(CKA_CLASS, objectClass), Attribute(CKA_ID, [id]),
            ])
            defer { try? library.session(session).findObjectsFinal() }
            return try #require(try library.session(session).findObjects(atMost: 1).first)
        }

        /// A signature by each key that needs no PIN of its own, without a word of the user's.
        func signWithoutPIN() {
            for (session, key, mechanism) in [
                (sessions[0], keys[0], CKM_SHA256_RSA_PKCS), (sessions[1], keys[3], CKM_EDDSA),
            ] {
                _ = try? sign(session, key, mechanism, pin: nil)
            }
        }

        /// A signature by 9C or SIG, for which the user gives the PIN that they know.
        func signWithPIN(_ isOpenPGP: Bool) throws {
            let (session, key) = isOpenPGP ? (sessions[1], keys[2]) : (sessions[0], keys[1])
            try sign(session, key, isOpenPGP ? CKM_EDDSA : CKM_ECDSA_SHA256, pin: CardKeys.pin)
        }

        private func sign(_ session: UInt, _ key: UInt, _ mechanism: UInt, pin: String?) throws {
            try library.session(session).signInit(mechanism: Mechanism(mechanism), key: key)
            if let pin {
                let bytes = Array(pin.utf8)
                try library.session(session).login(userType: CKU_CONTEXT_SPECIFIC, pin: bytes.span.bytes)
            }
            let data: [UInt8] = [1, 2, 3]
            _ = try library.session(session).sign(data: data.span.bytes, capacity: 512)
        }
    }

    /// How many commands the signatures without a PIN cost where nothing happens.
    private static let commands = Result {
        let user = try User()
        user.reader.set(.commandLost, at: .max)
        for _ in 0..<2 { user.signWithoutPIN() }
        user.library.shutDown()
        return user.reader.sent
    }

    @Test(arguments: ForeignDeed.all, [true, false])
    func costsOneTryAtMost(_ deed: ForeignDeed, _ isTold: Bool) throws {
        let count = try Self.commands.get()
        #expect(count > 4)
        for index in 0..<count {
            let user = try User()
            user.reader.set(.foreign(deed, isTold: isTold), at: index)
            for _ in 0..<4 { user.signWithoutPIN() }
            let tries = FaultyCard.tries(user.reader.card)
            let place = "\(deed), at \(index): \(tries)"
            let touched = tries[deed.isOpenPGP ? 1 : 0]
            switch deed.kind {
            case .changes: #expect(touched >= 2, "\(place)")
            // The kept PIN is the right one: it is sent, which sets the counter back.
            case .spendsOne, .nothing: #expect(touched == 3, "\(place)")
            // The last try is the user's.
            case .spendsTwo, .changesAndSpendsTwo, .blocks: #expect(touched == deed.triesLeft, "\(place)")
            }
            #expect(tries[deed.isOpenPGP ? 0 : 1] == 3, "\(place)")
            user.library.shutDown()
        }
    }

    /// The user goes on giving the old PIN for single uses: each time one try at most, and one more in all for the kept one.
    @Test(arguments: [false, true], [true, false])
    func eachActionCostsOneTryAtMost(_ isOpenPGP: Bool, _ isTold: Bool) throws {
        for index in 0..<8 {
            let user = try User()
            user.reader.set(.foreign(ForeignDeed(kind: .changes, isOpenPGP: isOpenPGP), isTold: isTold), at: index)
            var actions = 0
            for _ in 0..<2 {
                user.signWithoutPIN()
                let before = user.reader.pinsSent
                do { try user.signWithPIN(isOpenPGP) } catch is ReturnCode {}
                actions += user.reader.pinsSent - before
                user.signWithoutPIN()
            }
            let left = FaultyCard.tries(user.reader.card)[isOpenPGP ? 1 : 0]
            #expect(Int(left) >= 3 - 1 - 2, "at \(index): \(left) left")
            // A context login that found no login sends nothing; one that sends, sends once, and the use once more at most.
            #expect(actions <= 4, "at \(index)")
            user.library.shutDown()
        }
    }

    /// Three wrong PINs of the user's block it, and the fourth is not needed.
    @Test func threeActionsSpendThreeTries() throws {
        let user = try User()
        let wrong = Array("999999".utf8)
        for session in user.sessions { try user.library.session(session).logout() }
        for left in [2, 1, 0] as [UInt8] {
            #expect(throws: left == 0 ? ReturnCode.pinLocked : .pinIncorrect) {
                try user.library.session(user.sessions[0]).login(userType: CKU_USER, pin: wrong.span.bytes)
            }
            user.signWithoutPIN()
            #expect(FaultyCard.tries(user.reader.card) == [left, 3])
        }
        user.library.shutDown()
    }
}

import CPKCS11
import Cryptoki
import FaultFlows
import HostCrypto
import Testing
import VirtualCard

/// Cards as they have crashed other software, which do not crash this one.
@Suite struct KnownFlawTests {
    /// Every flow comes to an end with a documented code, no result is wrong, and the card is as good as before when it
    /// answers as it should.
    @Test(arguments: KnownFlaw.all)
    func isSurvived(_ flaw: KnownFlaw) throws {
        var isMet = flaw.answerToReset != nil
        for flow in Flow.allCases {
            let reader = try reader()
            let library = Library(source: reader, clock: { reader.now() })
            defer { library.shutDown() }
            var turn = 0
            if let answerToReset = flaw.answerToReset { reader.answerToReset = answerToReset }
            reader.distortion = { command, answer in
                turn += 1
                let distorted = flaw.distortion(command, answer, turn)
                isMet = isMet || distorted != answer
                return distorted
            }
            let outcome = try flow.outcome(library, pin: CardKeys.pin, on: FaultyCard.keys())
            #expect(Flow.permits(outcome), "\(flow): \(outcome)")
            // Eight answers, each of 64 KiB in pieces of 300 bytes.
            #expect(turn < 8 * 230, "\(flow)")
            reader.distortion = { $1 }
            reader.answerToReset = reader.card.answerToReset
            reader.mend(puttingIn: true)
            let repeated = try flow.outcome(library, pin: FaultyCard.currentPIN(reader.card), on: FaultyCard.keys())
            #expect(repeated == "done", "\(flow), afterwards")
            #expect(FaultyCard.tries(reader.card) == [3, 3], "\(flow)")
        }
        #expect(isMet)
    }

    /// CVE-2023-40660: where another process has verified the PIN, an empty one logged in.
    @Test(arguments: [0, 1])
    func emptyPINIsRefused(_ index: Int) throws {
        let reader = try reader()
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        let slot = library.slotList(withToken: true)[index]
        let session = try library.openSession(slot, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION)
        let application = index == 0 ? FaultyCard.pivIdentifier : FaultyCard.openPGPIdentifier
        let pin: [UInt8] = Array(CardKeys.pin.utf8) + (index == 0 ? [0xFF, 0xFF] : [])
        _ = reader.card.process([0x00, 0xA4, 0x04, 0x00, UInt8(application.count)] + application)
        let verified = reader.card.process(
            [0x00, 0x20, 0x00, index == 0 ? 0x80 : 0x82, UInt8(pin.count)] + pin)
        #expect(verified == [0x90, 0x00])
        for user in [CKU_USER, CKU_SO] {
            #expect(throws: ReturnCode.pinIncorrect) {
                try library.session(session).login(userType: user, pin: RawSpan())
            }
        }
        #expect(try library.session(session).information().state == CKS_RW_PUBLIC_SESSION)
        #expect(FaultyCard.tries(reader.card) == [3, 3])
    }

    /// CVE-2023-5992: what is wrong with a padding must not be told. (That it takes the same time is `ConstantTime`'s.)
    @Test func aWrongPaddingTellsNothing() throws {
        let reader = try reader()
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        let session = try library.openSession(library.slotList(withToken: true)[0], flags: CKF_SERIAL_SESSION)
        let pin = Array(CardKeys.pin.utf8), filler = [UInt8](repeating: 7, count: 253)
        try library.session(session).login(userType: CKU_USER, pin: pin.span.bytes)
        let wrong: [[UInt8]] = [
            [0, 2] + filler + [7], [0, 1] + filler + [0], [1, 2] + filler + [0], [0, 2, 0] + filler,
            [0, 2, 1, 2, 3, 4, 5, 6, 7, 0] + filler.dropLast(7),
        ]
        var counts: [Int] = []
        let key = try decryptionKey(library, session)
        for block in wrong {
            let ciphertext = try FaultyCard.keys().rsa.rsaPublicOperation(block), sent = reader.sent
            #expect(throws: ReturnCode.encryptedDataInvalid) {
                try library.session(session).decryptInit(mechanism: Mechanism(CKM_RSA_PKCS), key: key)
                _ = try library.session(session).decrypt(ciphertext: ciphertext.span.bytes, capacity: 512)
            }
            counts.append(reader.sent - sent)
        }
        // The first time the card is asked what it says of the key.
        #expect(counts == [2, 1, 1, 1, 1])
    }

    private func decryptionKey(_ library: Library, _ session: UInt) throws -> UInt {
        try library.session(session).findObjectsInit(template: [Attribute(CKA_ID, [1]), Attribute(CKA_DECRYPT, [1])])
        defer { try? library.session(session).findObjectsFinal() }
        return try #require(try library.session(session).findObjects(atMost: 1).first)
    }

    private func reader() throws -> FaultyReader {
        FaultyReader(VirtualCard(state: try FaultyCard.state()), other: FaultyCard.openPGPIdentifier)
    }
}

import CPKCS11
import Cryptoki
import Foundation
import Platform
import TestSupport
import Testing
import Token

/// A look at the readers counts for a while: each is three messages to pcscd.
@Suite struct RecentLookTests {
    private let readers: StandInReaders
    private let library: Library

    init() throws {
        let readers = StandInReaders(["A": [try StandInToken()]])
        self.readers = readers
        library = Library(source: readers, looksLast: 50, clock: { readers.now })
    }

    @Test func aCardThatIsGoneEndsItsSessionsAfterThatTime() throws {
        let session = try library.openReadWrite()
        let looks = readers.looks
        readers.statuses[0].insertion = nil
        readers.now += 49
        for _ in 0..<100 { _ = try library.sessionInfo(session) }
        #expect(try library.slotInfo(0).hasToken)
        #expect(readers.looks == looks)
        readers.now += 1
        #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        #expect(try !library.slotInfo(0).hasToken)
        #expect(readers.looks == looks + 1)
    }

    @Test func whoAsksForSlotsOrEventsIsToldWhatThereIs() throws {
        let session = try library.openReadWrite()
        readers.statuses[0].insertion = nil
        #expect(library.slotList(withToken: true) == [])
        #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        readers.statuses[0].insertion = 7
        #expect(try library.waitForSlotEvent(blocks: false) == 0)
        _ = try library.openReadWrite()
    }

    /// What a call to the card found counts more than a look.
    @Test func aCallThatFindsNoCardEndsTheTime() throws {
        _ = library.slotList(withToken: false)
        let looks = readers.looks
        readers.failure = .removed
        #expect(throws: ReturnCode.self) { try library.tokenInfo(0) }
        readers.statuses[0].insertion = nil
        readers.failure = nil
        #expect(throws: ReturnCode.tokenNotPresent) { try library.tokenInfo(0) }
        #expect(readers.looks == looks + 1)
    }

    /// Nobody waits behind a thread that waits for a card which another program holds.
    @Test func aThreadThatWaitsHoldsUpNobody() throws {
        let (isWaiting, mayGoOn) = (Guarded(false), Guarded(false))
        readers.failure = .heldByAnother
        readers.duringOpening = { isPatient in
            guard isPatient else { return }
            isWaiting.withLock { $0 = true }
            for _ in 0..<10_000 where !mayGoOn.withLock({ $0 }) { usleep(1000) }
        }
        let library = library
        let outcome = Guarded<ReturnCode?>(nil)
        let wait = Thread {
            let result = Result { () throws(ReturnCode) in _ = try library.tokenInfo(0) }
            if case .failure(let code) = result { outcome.withLock { $0 = code } }
        }
        wait.start()
        try Deadline.wait(for: "the thread to wait") { isWaiting.withLock { $0 } }
        let openings = readers.openings
        for _ in 0..<3 { #expect(library.slotList(withToken: true, isAskedAnew: true) == [0]) }
        #expect(try library.slotInfo(0).hasToken)
        #expect(readers.openings == openings)
        #expect(outcome.withLock { $0 } == nil)
        mayGoOn.withLock { $0 = true }
        try Deadline.wait(for: "the thread to end") { outcome.withLock { $0 } == .deviceError }
    }
}

import CPKCS11
import Cryptoki
import Foundation
import Platform
import Testing
import Token

/// C_WaitForSlotEvent (PKCS#11 3.2, section 5.5.4).
@Suite struct SlotEventTests {
    private let readers: StandInReaders
    private let library: Library

    init() throws {
        readers = StandInReaders(["A": [try StandInToken()], "B": [try StandInToken(), try StandInToken()]])
        library = Library(source: readers)
    }

    /// All events that are there, in the order of their slots.
    private func events() -> [UInt] {
        var found: [UInt] = []
        while let slot = try? library.waitForSlotEvent(blocks: false) { found.append(slot) }
        return found
    }

    @Test func whatIsThereAtFirstIsNoEvent() {
        #expect(throws: ReturnCode.noEvent) { try library.waitForSlotEvent(blocks: false) }
        #expect(library.slotList(withToken: true) == [0, 1, 2])
        #expect(events() == [])
    }

    @Test func eachSlotIsToldOfOnce() throws {
        _ = library.slotList(withToken: true)
        readers.statuses[0].insertion = nil
        #expect(events() == [0])
        // Somebody else's look does not swallow the event.
        readers.statuses[0].insertion = 7
        _ = library.slotList(withToken: false)
        #expect(events() == [0])
        // A card that was changed unseen.
        readers.statuses[0].insertion = 8
        #expect(events() == [0])
        // Both tokens of the other card go; the second one is known to have come when the card is opened.
        readers.statuses[1].insertion = nil
        #expect(events() == [1, 2])
        readers.statuses[1].insertion = 9
        #expect(events() == [1])
        _ = library.slotList(withToken: true)
        #expect(events() == [2])
        _ = library.slotList(withToken: true)
        #expect(events() == [])
    }

    @Test func aReaderThatComesWithItsCardIsAnEvent() {
        _ = library.slotList(withToken: false)
        readers.statuses.append(ReaderPresence(name: "C", insertion: nil))
        #expect(events() == [])
        readers.statuses[2].insertion = 5
        readers.statuses.append(ReaderPresence(name: "D", insertion: 6))
        #expect(events() == [2, 3])
        readers.statuses.removeLast(2)
        #expect(events() == [2, 3])
    }

    @Test func aCallThatFindsTheCardGoneIsAnEvent() throws {
        _ = try library.openReadWrite()
        let token = try #require(readers.cards["A"]?.first as? StandInToken)
        token.failure = .removed
        #expect(throws: ReturnCode.deviceRemoved) { try library.tokenInfo(0) }
        readers.statuses[0].insertion = nil
        #expect(events() == [0])
    }

    @Test func aWaitEndsWithAnEventOrWithTheLibrary() throws {
        _ = library.slotList(withToken: false)
        let (library, outcomes, done) = (library, Lines(), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            for _ in 0..<2 {
                do throws(ReturnCode) {
                    outcomes.add("\(try library.waitForSlotEvent(blocks: true))")
                } catch {
                    outcomes.add("\(error == .cryptokiNotInitialized)")
                }
                done.signal()
            }
        }
        #expect(done.wait(timeout: .now() + 0.1) == .timedOut)
        readers.statuses[1].insertion = nil
        #expect(done.wait(timeout: .now() + 10) == .success)
        #expect(done.wait(timeout: .now() + 0.1) == .timedOut)
        library.shutDown()
        #expect(done.wait(timeout: .now() + 10) == .success)
        #expect(outcomes.all == ["1", "true"])
    }
}

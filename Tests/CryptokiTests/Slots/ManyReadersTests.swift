import Cryptoki
import Testing
import Token

/// Forty readers.
@Suite struct ManyReadersTests {
    private static let names = (0..<40).map { "Reader \($0 / 10)\($0 % 10)" }

    /// Slots keep their ids and their readers, in whatever order cards and readers go and come.
    @Test func slotsAreStable() throws {
        let readers = StandInReaders([:])
        for (number, name) in Self.names.enumerated() {
            readers.cards[name] = [try StandInToken(serialNumber: "\(number)")]
        }
        let present = Self.names.enumerated().map { ReaderPresence(name: $1, insertion: UInt64($0 + 1)) }
        readers.statuses = present
        let library = Library(source: readers)
        let all = (0..<40).map { UInt($0) }
        #expect(library.slotList(withToken: true) == all)
        // All cards go, and come in another order.
        readers.statuses = Self.names.map { ReaderPresence(name: $0, insertion: nil) }
        #expect(library.slotList(withToken: true) == [])
        readers.statuses = present.reversed().map { ReaderPresence(name: $0.name, insertion: 100) }
        #expect(library.slotList(withToken: true) == all)
        // Every other reader is unplugged, card and all, and a new one plugged in.
        readers.cards["New"] = [try StandInToken(serialNumber: "40")]
        readers.statuses =
            readers.statuses.filter { $0.name.hasSuffix("1") } + [
                ReaderPresence(name: "New", insertion: 200)
            ]
        #expect(library.slotList(withToken: true) == [1, 11, 21, 31, 40])
        #expect(library.slotList(withToken: false) == all + [40])
        readers.statuses += present.reversed().filter { !$0.name.hasSuffix("1") }
        #expect(library.slotList(withToken: true) == all + [40])
        for slot in all + [40] {
            #expect(try library.tokenInfo(slot).information.serialNumber == "\(slot)")
            #expect(try library.slotInfo(slot).description == (slot < 40 ? Self.names[Int(slot)] : "New"))
        }
    }

    /// C_WaitForSlotEvent tells of each.
    @Test func eachIsToldOf() throws {
        let readers = StandInReaders([:])
        readers.statuses = Self.names.map { ReaderPresence(name: $0, insertion: nil) }
        let library = Library(source: readers)
        #expect(throws: ReturnCode.noEvent) { try library.waitForSlotEvent(blocks: false) }
        readers.statuses = Self.names.map { ReaderPresence(name: $0, insertion: 7) }
        for slot in 0..<40 { #expect(try library.waitForSlotEvent(blocks: false) == UInt(slot)) }
        #expect(throws: ReturnCode.noEvent) { try library.waitForSlotEvent(blocks: false) }
    }
}

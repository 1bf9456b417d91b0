import CPKCS11
import Cryptoki
import Testing

/// Handles go on where the library is initialised again in the same process.
@Suite struct HandleCounterTests {
    @Test func noHandleComesTwice() throws {
        let handles = HandleCounters()
        var (sessions, objects): ([UInt], [UInt]) = ([], [])
        for _ in 0..<3 {
            let library = Library(source: StandInReaders(["A": [try StandInToken()]]), handles: handles)
            for _ in 0..<2 { sessions.append(try library.openReadWrite()) }
            objects += try library.find(sessions[sessions.count - 1], [])
            objects.append(try library.create(sessions[sessions.count - 1], [.number(CKA_CLASS, CKO_DATA)]))
            library.shutDown()
        }
        #expect(sessions == sessions.sorted() && Set(sessions).count == sessions.count)
        #expect(objects == objects.sorted() && Set(objects).count == objects.count)
    }

    /// C_Finalize in another thread while C_OpenSession opens the card: there is no session that nobody could close.
    @Test func noSessionOpensAfterTheEnd() throws {
        let readers = StandInReaders(["A": [try StandInToken()]])
        let library = Library(source: readers)
        readers.duringOpening = { _ in library.shutDown() }
        #expect(throws: ReturnCode.cryptokiNotInitialized) { try library.openReadWrite() }
    }
}

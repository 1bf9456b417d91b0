import CPKCS11
import Cryptoki
import Platform
import Testing
import Token

/// Cards that cannot be opened, for now or for good.
@Suite struct OpeningTests {
    private let readers: StandInReaders
    private let lines = Lines()
    private let library: Library

    init() throws {
        let readers = StandInReaders(["A": [try StandInToken()]])
        self.readers = readers
        library = Library(source: readers, log: Log(write: lines.add), clock: { readers.now })
    }

    /// A mute card that wakes up is known without being pulled out, and a program that polls does not pay for it each
    /// time; a card that answers and is none of ours is asked once.
    @Test(arguments: [(.unresponsive, true), (.notRecognised, false)] as [(TokenError, Bool)])
    func aCardThatIsNotKnown(_ error: TokenError, _ isTriedAgain: Bool) throws {
        readers.failure = error
        for _ in 0..<3 {
            #expect(library.slotList(withToken: true) == [0])
            #expect(throws: ReturnCode.tokenNotRecognized) { try library.tokenInfo(0) }
            #expect(throws: ReturnCode.tokenNotRecognized) { try library.openReadWrite() }
        }
        #expect(readers.openings == 1)
        #expect(lines.all.count == 1)
        readers.failure = nil
        readers.now += 60_000
        if isTriedAgain {
            #expect(try library.tokenInfo(0).information.label == "stand-in")
        } else {
            #expect(throws: ReturnCode.tokenNotRecognized) { try library.tokenInfo(0) }
        }
        #expect(readers.openings == (isTriedAgain ? 2 : 1))
        // Another card is another matter.
        readers.statuses[0].insertion = 99
        #expect(try library.tokenInfo(0).information.label == "stand-in")
    }

    /// Whoever has the id from a configuration file asks for no list.
    @Test func aSecondTokensSlotIsKnownByItsID() throws {
        let readers = StandInReaders(["A": [try StandInToken(), try StandInToken()]])
        let library = Library(source: readers, log: Log(write: lines.add))
        #expect(throws: ReturnCode.slotIDInvalid) { try library.slotInfo(2) }
        #expect(try library.slotInfo(1).hasToken)
        #expect(readers.openings == 1)
    }

    /// An application that failed beside another one is looked for again, every ten seconds at most; each keeps its slot,
    /// and what is done with the other goes on.
    @Test(arguments: [0, 1])
    func anApplicationThatFailedIsFoundLater(_ place: Int) throws {
        let tokens = [try StandInToken(serialNumber: "0"), try StandInToken(serialNumber: "1")]
        let readers = StandInReaders(["A": tokens])
        let application = LateApplication()
        readers.unanswered[place] = application.open
        let library = Library(source: readers, clock: { readers.now })
        let other = UInt(1 - place), missing = UInt(place)
        #expect(library.slotList(withToken: true) == [other])
        #expect(library.slotList(withToken: false) == [0, 1])
        let session = try library.openSession(other, flags: CKF_SERIAL_SESSION)
        try library.login(session)
        for _ in 0..<3 {
            #expect(throws: ReturnCode.tokenNotPresent) { try library.tokenInfo(missing) }
            _ = library.slotList(withToken: true)
        }
        #expect(application.looks == 0)
        readers.now += 10_000
        _ = library.slotList(withToken: true)
        #expect(throws: ReturnCode.tokenNotPresent) { try library.tokenInfo(missing) }
        #expect(application.looks == 1)
        application.token = tokens[place]
        readers.now += 10_000
        #expect(try library.tokenInfo(missing).information.serialNumber == "\(place)")
        #expect(try library.waitForSlotEvent(blocks: false) == missing)
        #expect(library.slotList(withToken: true) == [0, 1])
        #expect(try library.sessionInfo(session).state == CKS_RO_USER_FUNCTIONS)
        readers.now += 60_000
        _ = library.slotList(withToken: true)
        #expect(application.looks == 2)
        #expect(readers.openings == 1)
    }

    /// The name of a reader is what its maker, or whoever plays a reader, likes.
    @Test func aReadersNameForgesNoLine() throws {
        let readers = StandInReaders(["\u{1B}[2J\r\nmartlet[1]: all is well\u{85}\u{202E}": []])
        let library = Library(source: readers, log: Log(write: lines.add))
        #expect(throws: ReturnCode.tokenNotRecognized) { try library.tokenInfo(0) }
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.contains("all is well"))
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{85}" && $0 != "\u{202E}" })
    }

    /// Whatever else goes wrong may be over at once.
    @Test func anotherFailureIsTriedAgainAtOnce() throws {
        readers.failure = .failed("no luck")
        #expect(throws: ReturnCode.deviceError) { try library.tokenInfo(0) }
        readers.failure = nil
        #expect(try library.tokenInfo(0).information.label == "stand-in")
    }

    /// C_GetSlotList does not wait for another program that has the card, and the other functions wait once.
    @Test func aHeldCardIsWaitedForOnce() throws {
        readers.failure = .heldByAnother
        for _ in 0..<2 {
            #expect(library.slotList(withToken: true) == [0])
            #expect(!readers.wasPatient)
        }
        for isPatient in [true, false, false] {
            #expect(throws: ReturnCode.deviceError) { try library.tokenInfo(0) }
            #expect(readers.wasPatient == isPatient)
            _ = library.slotList(withToken: true)
            readers.now += 100
        }
        #expect(lines.all == ["opening the card, reader \"A\": another program uses the card exclusively"])
        readers.now += 60_000
        #expect(throws: ReturnCode.deviceError) { try library.tokenInfo(0) }
        #expect(readers.wasPatient)
        readers.failure = nil
        #expect(try library.tokenInfo(0).information.label == "stand-in")
        #expect(!readers.wasPatient)
    }
}

/// An application that does not answer at first.
private final class LateApplication: @unchecked Sendable {
    /// What it answers with in the end.
    var token: (any Token)?
    private(set) var looks = 0

    func open() throws(TokenError) -> (any Token)? {
        looks += 1
        guard let token else { throw .failed("no luck") }
        return token
    }
}

/// The lines of a log.
final class Lines: @unchecked Sendable {
    private let lock = Lock()
    private var written: [String] = []

    var all: [String] { lock.withLock { written } }

    @Sendable func add(_ line: String) { lock.withLock { written.append(line) } }
}

import ISO7816
import Platform
import TestSupport
import Testing

/// A PIN that is typed on the reader's keys, as the exchange has it.
@Suite struct PINEntryTests {
    private final class Reader: CardChannel, PINPad {
        let answerToReset: [UInt8] = []
        let limits = ChannelLimits(transmissionProtocol: .t1)
        let abilities: PINPadAbilities
        var answer = Result<[UInt8], ChannelError>.success([0x90, 0x00])
        private(set) var entries: [PINEntry] = []

        init(_ abilities: PINPadAbilities) { self.abilities = abilities }

        var pinPad: (any PINPad)? { abilities.isEmpty ? nil : self }

        func beginTransaction() throws(ChannelError) -> CardContinuity { .kept }
        func endTransaction() {}
        func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] { throw .transmissionFailed }

        func enter(_ entry: PINEntry) throws(ChannelError) -> [UInt8] {
            entries.append(entry)
            return try answer.get()
        }
    }

    private let entry = PINEntry(CommandHeader(ins: 0x20, p1: 0, p2: 0x80), .current, lengths: 6...8, blockSize: 8)

    private func enter(_ reader: Reader, _ trace: CardTrace? = nil) -> Result<StatusWord, ChannelError> {
        let entry = entry
        return Result { () throws(ChannelError) in
            try Card(channel: reader, trace: trace).transaction { exchange in
                Result { () throws(ChannelError) in try exchange.enter(entry) }
            }.get()
        }
    }

    @Test(
        arguments: [
            (.success([0x90, 0x00]), .success(.success)),
            (.success([0x63, 0xC1]), .success(StatusWord(rawValue: 0x63C1))),
            (.success([0x90]), .failure(.malformedAnswer)),
            (.failure(.pinEntryEnded), .failure(.pinEntryEnded)),
        ] as [(Result<[UInt8], ChannelError>, Result<StatusWord, ChannelError>)])
    func statusWordIsReturned(_ answer: Result<[UInt8], ChannelError>, _ expected: Result<StatusWord, ChannelError>) {
        let reader = Reader(.verify)
        reader.answer = answer
        #expect(enter(reader) == expected)
        #expect(reader.entries == [entry])
    }

    @Test func readerWithoutPINPadIsNotAsked() {
        let reader = Reader([])
        #expect(enter(reader) == .failure(.pinEntryRefused))
        #expect(reader.entries.isEmpty)
    }

    @Test func traceShowsThePINEntry() {
        let lines = Guarded<[String]>([])
        _ = enter(Reader(.verify), CardTrace { line in lines.withLock { $0.append(line) } })
        #expect(lines.withLock { $0 } == ["> 00200080 [typed on the reader, secret]", "< 9000"])
    }
}

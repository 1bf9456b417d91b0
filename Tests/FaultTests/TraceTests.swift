import Cryptoki
import FaultFlows
import Testing
import VirtualCard

/// No line of the trace has a PIN or a management key in it, whatever the flow and whatever goes wrong.
@Suite struct TraceTests {
    /// As the trace would have them: the bytes of text, and of the key itself.
    private static let secrets =
        [CardKeys.pin, CardKeys.otherPIN(than: CardKeys.pin), "12345678"].map { text in
            text.utf8.map { String($0, radix: 16, uppercase: true) }.joined()
        } + [CardKeys.managementKey]

    @Test(arguments: Flow.allCases) func hasNoSecret(_ flow: Flow) throws {
        for fault in [nil] + Fault.all.map({ $0 }) {
            for index in fault == nil ? [0] : [6, 9, 12] {
                let reader = FaultyReader(
                    try VirtualCard(state: FaultyCard.state()), other: FaultyCard.openPGPIdentifier, isTraced: true)
                let library = Library(source: reader, clock: { reader.now() })
                if let fault { reader.set(fault, at: index) }
                let outcome = try flow.outcome(library, pin: CardKeys.pin, on: FaultyCard.keys())
                if fault == nil { #expect(outcome == "done") }
                library.shutDown()
                let lines = reader.trace.withLock { $0 }
                #expect(!lines.isEmpty)
                for line in lines {
                    #expect(
                        !Self.secrets.contains { line.contains($0) }, "\(flow), \(fault?.name ?? "no fault"): \(line)")
                }
            }
        }
    }
}

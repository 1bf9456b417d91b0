import PCSC
import Wiring

/// Everything that is found in the readers, as JSON has it.
struct Inventory: Encodable {
    let readers: [ReaderReport]

    /// Looks at all readers that `selection` means. Without a pcscd that answers it fails.
    init(
        _ selection: CardSelection, _ report: (CardToken) throws(CommandFailure) -> TokenReport
    ) throws(CommandFailure) {
        let statuses: [ReaderStatus]
        do {
            statuses = try ReaderMonitor().readers()
        } catch {
            throw CommandFailure(.serviceUnavailable, during: "looking for readers", nil)
        }
        let source = SystemTokens.ofCommandLine()
        let names = Set(try selection.readers(of: source).map(\.name))
        let reports = statuses.filter { names.contains($0.name.description) }.map {
            ReaderLook($0, source, selection, report)
        }
        readers = reports.map(\.report)
        // A card that could not be looked at may be the one.
        let isFound = reports.contains { !$0.report.tokens.isEmpty || $0.report.problem != nil }
        if selection.serial != nil, !isFound { throw selection.noSuchCard(reports.flatMap(\.others)) }
    }
}

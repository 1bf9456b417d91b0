/// Asks pcscd for all readers and their states.
enum ReaderPoll {
    /// How often the list of readers may change under the poll before it gives up.
    private static let rounds = 5

    /// All readers and what is in them now. Waits for nothing.
    static func states(_ service: some PCSCService, _ context: ContextHandle) throws(SCardCode) -> [ReaderState] {
        for _ in 0..<rounds {
            let names = try service.listReaders(context)
            do throws(SCardCode) {
                return try states(of: names, service, context)
            } catch {
                // A reader was unplugged since it was listed.
                guard error == .unknownReader || error == .readerUnavailable else { throw error }
            }
        }
        throw .readerUnavailable
    }

    private static func states(
        of names: [ReaderName], _ service: some PCSCService, _ context: ContextHandle
    ) throws(SCardCode) -> [ReaderState] {
        var all: [ReaderState] = []
        var rest = names[...]
        while !rest.isEmpty {
            var part = rest.prefix(ReaderState.most).map { ReaderState(name: $0) }
            rest = rest.dropFirst(ReaderState.most)
            try service.getStatusChange(context, timeout: 0, &part)
            all += part.filter { !$0.isGone }
        }
        return all
    }
}

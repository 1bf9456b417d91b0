import ISO7816

/// What SELECT answers (OpenPGP card 3.4.1, section 7.2.1).
public struct SelectAnswer: Hashable, Sendable {
    /// The card's application identifier, where the answer holds it.
    public let identifier: ApplicationIdentifier?
    /// Whether the answer names another application: some cards answer with their card manager.
    let isAnother: Bool
    /// Whether the application is not activated (6285, 6985): it knows nothing but ACTIVATE FILE.
    public let isTerminated: Bool

    /// Reads the file control information; many cards give none.
    package init(parsing bytes: [UInt8], isTerminated: Bool) {
        let template = TLVReader(bytes).first(0x6F)?.children ?? TLVReader(bytes)
        let names = [template.first(0x84), template.first(0x4F)].compactMap { $0?.value }
        identifier = names.lazy.compactMap { ApplicationIdentifier(parsing: $0) }.first
        isAnother = !names.isEmpty && !names.contains { $0.starts(with: ApplicationIdentifier.prefix) }
        self.isTerminated = isTerminated
    }
}

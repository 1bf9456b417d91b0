import ISO7816

/// ADMIN DATA (5FFF00), where Yubico's tools write down how the management key is kept (ykman's `pivman`): 80 { 81 flags,
/// 82 salt, 83 date of the last PIN change }.
package struct AdministrationData: Hashable {
    /// Whether the management key stands in the Printed Information. A salt says that it is made of the PIN instead, an
    /// older way that goes first, as it does in ykman.
    let isKeyStored: Bool
    /// Whether these are ADMIN DATA; what else may stand there is nobody's to replace.
    let isWellFormed: Bool
    /// Whether a change of the management key was begun, and not finished: the one that is stored may be an old one.
    let isKeyChanging: Bool

    /// The flag for that, one that Yubico's tools leave as it is.
    private static let changing: UInt8 = 0x80

    package init(parsing bytes: [UInt8]) {
        let items = TLVReader(bytes).first(0x80)?.children
        let flags = items?.first(0x81)?.value.first ?? 0
        isWellFormed = items != nil
        isKeyStored = flags & 0x02 != 0 && items?.first(0x82) == nil
        isKeyChanging = isKeyStored && flags & Self.changing != 0
    }

    /// ADMIN DATA with the flag set or cleared, and all else as it was.
    static func value(_ bytes: [UInt8], isKeyChanging: Bool) -> [UInt8] {
        let items = TLVReader(bytes).first(0x80)?.children.wellFormed ?? []
        let content = items.flatMap { item -> [UInt8] in
            guard item.tag == 0x81, let flags = item.value.first else { return [UInt8](tag: item.tag, item.value) }
            let marked = isKeyChanging ? flags | changing : flags & ~changing
            return [UInt8](tag: 0x81, [marked] + item.value.dropFirst())
        }
        return [UInt8](tag: 0x80, content)
    }

    /// ADMIN DATA which say that the key stands in the Printed Information, and is being changed; all else as it was. A salt
    /// would say that the key is made of the PIN.
    static func valueStoringKey(_ bytes: [UInt8]?) -> [UInt8] {
        let items = bytes.flatMap { TLVReader($0).first(0x80)?.children.wellFormed } ?? []
        let flags = items.first { $0.tag == 0x81 }?.value.first ?? 0
        let others = items.filter { ![0x81, 0x82].contains($0.tag) }
        return [UInt8](
            tag: 0x80,
            [UInt8](tag: 0x81, [flags | 0x02 | changing]) + others.flatMap { [UInt8](tag: $0.tag, $0.value) })
    }
}

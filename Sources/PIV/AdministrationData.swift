import ISO7816

/// ADMIN DATA (5FFF00), where Yubico's tools write down how the management key is kept (ykman's `pivman`): 80 { 81 flags,
/// 82 salt, 83 date of the last PIN change }.
package struct AdministrationData: Hashable {
    /// Whether the management key stands in the Printed Information. A salt says that it is made of the PIN instead, an
    /// older way that goes first, as it does in ykman.
    let isKeyStored: Bool

    package init(parsing bytes: [UInt8]) {
        let items = TLVReader(bytes).first(0x80)?.children
        let flags = items?.first(0x81)?.value.first ?? 0
        isKeyStored = flags & 0x02 != 0 && items?.first(0x82) == nil
    }
}

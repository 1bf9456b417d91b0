import ISO7816

/// The Discovery Object (SP 800-73-5 part 1, section 3.3.2): which PINs the card takes.
package struct DiscoveryObject: Hashable {
    /// The PIN that the card, or its issuer, prefers.
    let preferredPIN: PINReference

    /// Parses the value inside tag 7E. The PIN usage policy is tag 5F2F, two bytes: bit 6 of the first says that the
    /// Global PIN satisfies the access conditions too; the second is 20 where the Global PIN is the primary one.
    package init?(parsing bytes: [UInt8]) {
        guard let policy = TLVReader(bytes).first(0x5F2F)?.value, policy.count == 2 else { return nil }
        let takesGlobal = policy[policy.startIndex] & 0x20 != 0
        preferredPIN = takesGlobal && policy[policy.startIndex + 1] == 0x20 ? .global : .application
    }
}

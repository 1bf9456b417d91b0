import ISO7816

/// The application property template that SELECT returns (SP 800-73-5 part 2, section 3.1.1, table 3).
public struct ApplicationProperties: Hashable, Sendable {
    /// Which application the answer says it is from.
    enum Identity: Hashable {
        /// PIV.
        case piv
        /// Another one: some cards answer SELECT with their card manager.
        case another
        /// It does not say.
        case untold
    }

    /// The application's name for people (tag 50), or empty.
    public let label: String
    let identity: Identity
    /// The algorithms of keys that the card lists, or none. Tag AC is for those of secure messaging (SP 800-73-5 part 2, table
    /// 3), which are none of keys; Nitrokey 3 lists all in one, and PivApplet each in a tag of its own.
    let algorithms: Set<PIVAlgorithm>

    /// Reads what is there: cards leave out much of the template, and some all of it.
    package init(parsing bytes: [UInt8]) {
        let template = TLVReader(bytes).first(0x61)?.children
        let information = TLVReader(bytes).first(0x6F)?.children
        let names = [
            template?.first(0x4F), template?.first(0x79)?.children.first(0x4F), template?.first(0x79),
            information?.first(0x84), information?.first(0x4F),
        ].compactMap { $0?.value }
        // Tag 4F holds the whole AID or, as on YubiKeys, its PIX alone. G+D's "DoD Alternate Token" has the RID bare in
        // tag 79 (OpenSC, pull request 3702).
        let isPIV = names.contains {
            $0.starts(with: [0xA0, 0x00, 0x00, 0x03, 0x08]) || $0.starts(with: [0x00, 0x00, 0x10, 0x00])
        }
        // The first half-byte of a registered name is A, of a national one D (ISO 7816-4, section 12.2.3): whatever else
        // stands there is no name of another application.
        let isNamed = names.contains { ($0.first ?? 0) >= 0xA0 }
        identity = isPIV ? .piv : isNamed ? .another : .untold
        var listed: Set<PIVAlgorithm> = []
        for list in template?.wellFormed ?? [] where list.tag == 0xAC {
            for item in list.children.wellFormed where item.tag == 0x80 && item.value.count == 1 {
                let algorithm = PIVAlgorithm(rawValue: item.value[item.value.startIndex])
                if PIVAlgorithm.names[algorithm] != nil { listed.insert(algorithm) }
            }
        }
        algorithms = listed
        label = template?.first(0x50).map { String(decoding: $0.value.prefix(64), as: UTF8.self) } ?? ""
    }
}

import ISO7816

/// What a reader tells of the keys on it: the control codes of FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT,
/// and how they want to be used.
struct PINPadProperties {
    /// For PIN_VERIFY_STRUCTURE.
    let verifyCode: UInt32?
    /// For PIN_MODIFY_STRUCTURE.
    let modifyCode: UInt32?
    /// How long a PIN can be that is typed there.
    private(set) var lengths: ClosedRange<Int> = 0...255
    /// What ends an entry, as the reader supports it: bits of bEntryValidationCondition.
    private(set) var endsOfEntry = Self.confirmationKey

    /// Readers that tell of keys which they have not, as wIdVendor and wIdProduct: OMNIKEY 3x21 and 6121 (OpenSC's
    /// reader-pcsc.c).
    private static let withoutKeys: Set<[UInt16]> = [[0x076B, 0x3031], [0x076B, 0x6632]]

    /// bEntryValidationCondition: the key that confirms.
    static let confirmationKey: UInt8 = 0x02

    /// - Parameters:
    ///   - features: the answer to CM_IOCTL_GET_FEATURE_REQUEST.
    ///   - properties: the answer to FEATURE_GET_TLV_PROPERTIES; empty where there is none.
    ///   - pinProperties: the answer to FEATURE_IFD_PIN_PROPERTIES; empty where there is none.
    init(features: [UInt8], properties: [UInt8], pinProperties: [UInt8]) {
        let model = [ReaderFeatures.Property.vendor, .product].compactMap {
            ReaderFeatures.number(of: $0, inProperties: properties)
        }
        let hasKeys = !Self.withoutKeys.contains(model)
        verifyCode = hasKeys ? ReaderFeatures.code(of: .verifyPINDirect, in: features) : nil
        modifyCode = hasKeys ? ReaderFeatures.code(of: .modifyPINDirect, in: features) : nil
        let shortest = Int(ReaderFeatures.byte(of: .shortestPIN, inProperties: properties) ?? 0)
        let longest = Int(ReaderFeatures.byte(of: .longestPIN, inProperties: properties) ?? 0)
        if longest > 0 { lengths = min(shortest, longest)...longest }
        // wLcdLayout, bEntryValidationCondition, bTimeOut2.
        let told =
            ReaderFeatures.byte(of: .endsOfEntry, inProperties: properties)
            ?? (pinProperties.count == 4 ? pinProperties[2] : 0)
        if told & Self.confirmationKey == 0, told & 0x07 != 0 { endsOfEntry = told & 0x07 }
    }

    /// A reader without keys.
    static let none = PINPadProperties(features: [], properties: [], pinProperties: [])

    /// What a person can type there.
    var abilities: PINPadAbilities {
        var abilities: PINPadAbilities = []
        if verifyCode != nil { abilities.insert(.verify) }
        if modifyCode != nil { abilities.insert(.modify) }
        return abilities
    }

    /// The control code and the structure for an entry; nil where the reader has no such thing, or takes no PIN of such a
    /// length.
    func request(for entry: PINEntry) -> (code: UInt32, structure: [UInt8])? {
        let shortest = max(entry.lengths.lowerBound, lengths.lowerBound)
        let longest = min(entry.lengths.upperBound, lengths.upperBound)
        guard shortest <= longest else { return nil }
        let structure = PINStructure(entry, lengths: shortest...longest, endsOfEntry: endsOfEntry)
        switch entry.secrets {
        case .current: return verifyCode.map { ($0, structure.verification) }
        case .new, .currentAndNew: return modifyCode.map { ($0, structure.modification) }
        }
    }
}

/// One of the three keys (section 4.1). The raw value is its key reference.
enum OpenPGPKeySlot: UInt8, CaseIterable, Sendable {
    /// SIG: digital signatures.
    case signature = 1
    /// DEC: decryption.
    case decryption = 2
    /// AUT: authentication.
    case authentication = 3

    /// The name on the command line and in the state file.
    var name: String {
        switch self {
        case .signature: "sig"
        case .decryption: "dec"
        case .authentication: "aut"
        }
    }

    /// The slot of this name.
    init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// The tag of the slot's control reference template (section 4.4.3.12).
    var controlReferenceTag: UInt32 {
        switch self {
        case .signature: 0xB6
        case .decryption: 0xB8
        case .authentication: 0xA4
        }
    }

    /// The slot of a DO that each key has one of, in three tags one after the other.
    init?(tag: UInt16, first: UInt16) {
        guard tag >= first, tag - first < 3 else { return nil }
        self.init(rawValue: UInt8(tag - first) + 1)
    }

    /// The slot's tag among three that begin with `first`.
    func tag(first: UInt16) -> UInt16 { first + UInt16(rawValue) - 1 }
}

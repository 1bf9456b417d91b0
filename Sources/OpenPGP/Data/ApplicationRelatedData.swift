import ISO7816
import Token

/// The application related data (tag 6E; OpenPGP card 3.4.1, section 4.4.1): nearly all that a card tells of itself and
/// its keys, in one answer. Every part may be missing.
public struct ApplicationRelatedData: Hashable, Sendable {
    /// What the card tells of one key.
    public struct Key: Hashable, Sendable {
        /// Its algorithm.
        public internal(set) var algorithm: AlgorithmAttributes?
        /// In which form it is imported.
        var importFormat = ImportFormat.standard
        /// Its OpenPGP fingerprint (tag C5), where somebody stored one: nil for twenty zeros.
        public internal(set) var fingerprint: [UInt8]?
        /// Whether it has a place for one (tag C5) that is empty.
        var isNameless = false
        /// When it was made (tag CD), where somebody stored that: four bytes, not all zero.
        public internal(set) var timestamp: [UInt8]?
        /// Whether it is there, and how it came to be (tag DE); nil where the card does not tell.
        public internal(set) var state: KeyState?
        /// Whether a person must confirm its use (tags D6 to D8); nil where the card does not tell.
        public internal(set) var interaction: UserInteractionFlag?
    }

    /// Tag 4F: who the card is.
    public let identifier: ApplicationIdentifier?
    /// Tag 5F52: the historical bytes.
    public let historicalBytes: [UInt8]
    /// Tag C0.
    public let capabilities: ExtendedCapabilities?
    /// Tag 7F66.
    public let lengths: ExtendedLengthInformation?
    /// Tag 7F74.
    public let features: GeneralFeatures?
    /// Tag C4.
    public let passwordStatus: PasswordStatus?
    /// Tag D9, of a YubiKey: whether a person must confirm an attestation.
    let attestationInteraction: UserInteractionFlag?
    /// What it tells of its three keys.
    public let keys: [OpenPGPKey: Key]

    /// Nothing known: what a terminated card tells.
    static let nothing = ApplicationRelatedData(parsing: [])

    /// Reads what is there. Most of it stands inside the discretionary data objects (73), which may say that they are longer
    /// than they are; some cards have all of it there (smartcard-app-openpgp), and the first ones had none.
    package init(parsing bytes: [UInt8]) {
        var objects: [UInt32: ArraySlice<UInt8>] = [:]
        let discretionary = TLVReader(bytes).firstToEnd(0x73).map { TLVReader($0) }
        for reader in [TLVReader(bytes), discretionary].compactMap({ $0 }) {
            var reader = reader
            while let object = try? reader.next() {
                if objects[object.tag] == nil { objects[object.tag] = object.value }
            }
        }
        let identifier = objects[0x4F].flatMap { ApplicationIdentifier(parsing: $0) }
        self.identifier = identifier
        historicalBytes = objects[0x5F52].map { Array($0) } ?? []
        capabilities = objects[0xC0].flatMap {
            ExtendedCapabilities(parsing: $0, version: identifier?.version ?? .three)
        }
        lengths = objects[0x7F66].flatMap { ExtendedLengthInformation(parsing: $0) }
        features = objects[0x7F74].flatMap { GeneralFeatures(parsing: $0) }
        passwordStatus = objects[0xC4].flatMap { PasswordStatus(parsing: $0) }
        attestationInteraction = objects[DataObject.attestationInteraction.rawValue].flatMap {
            UserInteractionFlag(parsing: $0)
        }
        keys = Self.keys(objects)
    }

    private static func keys(_ objects: [UInt32: ArraySlice<UInt8>]) -> [OpenPGPKey: Key] {
        let states = objects[0xDE].map { KeyState.states(parsing: $0) } ?? [:]
        var keys: [OpenPGPKey: Key] = [:]
        for key in OpenPGPKey.allCases {
            let attributes = objects[key.algorithmAttributes.rawValue]
            let algorithm = attributes.map { AlgorithmAttributes(parsing: $0) }
            keys[key] = Key(
                algorithm: algorithm, importFormat: ImportFormat(in: attributes ?? [], algorithm),
                fingerprint: part(key.index, of: objects[0xC5], size: 20),
                isNameless: objects[0xC5].map { $0.count >= (key.index + 1) * 20 } == true
                    && part(key.index, of: objects[0xC5], size: 20) == nil,
                timestamp: part(key.index, of: objects[0xCD], size: 4), state: states[key],
                interaction: objects[key.userInteractionFlag.rawValue].flatMap { UserInteractionFlag(parsing: $0) })
        }
        return keys
    }

    /// The part of a list that belongs to one key; nil where it is missing or all zero.
    private static func part(_ index: Int, of list: ArraySlice<UInt8>?, size: Int) -> [UInt8]? {
        guard let list, list.count >= (index + 1) * size else { return nil }
        let part = list.dropFirst(index * size).prefix(size)
        return part.contains { $0 != 0 } ? Array(part) : nil
    }
}

/// Whether a key is there (tag DE; OpenPGP card 3.4.1, section 4.4.3.8). Unknown values survive.
public struct KeyState: RawRepresentable, Hashable, Sendable {
    /// The status byte.
    public let rawValue: UInt8

    /// A state of this number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 00: there is no key.
    public static let absent = KeyState(rawValue: 0)
    /// 01: the card made it.
    public static let generated = KeyState(rawValue: 1)
    /// 02: it was imported.
    public static let imported = KeyState(rawValue: 2)

    /// How the key came to be.
    var origin: KeyPolicy.Origin {
        switch self {
        case .generated: .generated
        case .imported: .imported
        default: .unknown
        }
    }

    /// Parses the value of tag DE: pairs of key reference and status, of which the first one of a key counts; padding may
    /// follow. smartcard-app-openpgp 0.4.0 counts the references from zero, or in another order.
    static func states(parsing bytes: ArraySlice<UInt8>) -> [OpenPGPKey: KeyState] {
        let bytes = Array(bytes)
        let pairs = stride(from: 0, to: bytes.count - 1, by: 2).map { (bytes[$0], KeyState(rawValue: bytes[$0 + 1])) }
        let first: UInt8 = pairs.first?.0 == 0 ? 0 : 1
        var states: [OpenPGPKey: KeyState] = [:]
        for (reference, state) in pairs {
            let number = reference.addingReportingOverflow(1 - first)
            guard !number.overflow, let key = OpenPGPKey(rawValue: number.partialValue) else { continue }
            if states[key] == nil { states[key] = state }
        }
        return states
    }
}

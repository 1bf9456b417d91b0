/// The maker of a card, by the number that FSFE gives out (OpenPGP card 3.4.1, section 4.2.1). Unknown values survive.
public struct Manufacturer: RawRepresentable, Hashable, Sendable {
    /// The number in the application identifier.
    public let rawValue: UInt16

    /// A maker of this number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 0006: Yubico.
    public static let yubico = Manufacturer(rawValue: 0x0006)

    /// The maker's name, as GnuPG lists it (`app_openpgp_manufacturer`).
    public var name: String {
        if let known = Self.names[rawValue] { return known }
        return rawValue & 0xFF00 == 0xFF00 ? "unmanaged S/N range" : "unknown"
    }

    /// The name that OpenSC shows (`manuf_map` of `pkcs15-openpgp.c`): it has some otherwise, and some not at all.
    var openscName: String {
        switch rawValue {
        case 0x0004: "Wewid AB"
        case 0x000A: "Dangerous Things"
        case let number where Self.knownToOpenSC.contains(number): Self.names[number] ?? "OpenPGP project"
        default: "OpenPGP project"
        }
    }

    private static let names: [UInt16: String] = [
        0x0000: "test card", 0x0001: "PPC Card Systems", 0x0002: "Prism", 0x0003: "OpenFortress", 0x0004: "Wewid",
        0x0005: "ZeitControl", 0x0006: "Yubico", 0x0007: "OpenKMS", 0x0008: "LogoEmail", 0x0009: "Fidesmo",
        0x000A: "VivoKey", 0x000B: "Feitian Technologies", 0x000D: "Dangerous Things", 0x000E: "Excelsecu",
        0x000F: "Nitrokey", 0x0010: "NeoPGP", 0x0011: "Token2", 0x002A: "Magrathea", 0x0042: "GnuPG e.V.",
        0x1337: "Warsaw Hackerspace", 0x2342: "warpzone", 0x4354: "Confidential Technologies",
        0x5343: "SSE Carte à puce", 0x5443: "TIF-IT e.V.", 0x63AF: "Trustica", 0xBA53: "c-base e.V.",
        0xBD0E: "Paranoidlabs", 0xCA05: "Atos CardOS", 0xF1D0: "CanoKeys", 0xF517: "FSIJ", 0xF5EC: "F-Secure",
        0xFFFF: "test card",
    ]

    private static let knownToOpenSC: Set<UInt16> = [
        0x0000, 0x0001, 0x0002, 0x0003, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009, 0x002A, 0x0042, 0x1337, 0x2342,
        0x63AF, 0xBD0E, 0xF517, 0xFFFF,
    ]
}

/// What is fuzzed: each takes any bytes, must come to an end, and must not trap.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// BER-TLV, read in depth, and the encoder's answer to what was read.
    case tlv
    /// What PIV cards say of themselves, each parser over all bytes.
    case pivData = "piv-data"
    /// What OpenPGP cards say of themselves, each parser over all bytes.
    case openPGPData = "openpgp-data"
    /// Certificates and compressed certificates.
    case certificate
    /// A PIV token at work over a card whose answers the bytes are.
    case pivToken = "piv-token"
    /// An OpenPGP token, likewise.
    case openPGPToken = "openpgp-token"
    /// The whole module below its C border: both applications, sessions, search, attributes, operations.
    case module

    /// Feeds it.
    public func run(_ bytes: [UInt8]) {
        switch self {
        case .tlv: CardData.readInDepth(bytes)
        case .pivData: CardData.parsePIV(bytes)
        case .openPGPData: CardData.parseOpenPGP(bytes)
        case .certificate: CardData.parseCertificate(bytes)
        case .pivToken, .openPGPToken, .module: visit(AnswersChannel(bytes))
        }
    }

    /// Has a target that works with a card work with this one.
    public func visit(_ channel: AnswersChannel) {
        switch self {
        case .tlv, .pivData, .openPGPData, .certificate: break
        case .pivToken: TokenTour.visitPIV(channel)
        case .openPGPToken: TokenTour.visitOpenPGP(channel)
        case .module: ModuleTour.visit(channel)
        }
    }
}
